export interface Entry {
  id: number;
  name: string;
  message: string;
  createdAt: string;
}

/** The API is on the same origin: in production CloudFront sends /api to it, in development Vite does. */
async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/api${path}`, init);
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as { message?: string | string[] } | null;
    const reason = Array.isArray(body?.message) ? body.message.join('. ') : body?.message;
    throw new Error(reason ?? `The server answered ${response.status}.`);
  }
  return (await response.json()) as T;
}

export const listEntries = (): Promise<Entry[]> => call('/entries');

export const addEntry = (name: string, message: string): Promise<Entry> =>
  call('/entries', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, message }),
  });
