import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  server: {
    // The API answers below /api itself, so development and production see the same addresses.
    proxy: { '/api': 'http://localhost:3000' },
  },
});
