import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { GuestBook } from './guest-book';
import './style.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <GuestBook />
  </StrictMode>,
);
