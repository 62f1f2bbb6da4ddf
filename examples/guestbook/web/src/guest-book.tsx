import { type FormEvent, useEffect, useState } from 'react';
import { addEntry, type Entry, listEntries } from './api';

const title = import.meta.env.VITE_GUESTBOOK_TITLE ?? 'Guest book';
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function GuestBook() {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);

  useEffect(() => {
    listEntries().then(setEntries, (error: Error) => setProblem(error.message));
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setSending(true);
    setProblem(null);
    try {
      const entry = await addEntry(String(data.get('name')), String(data.get('message')));
      setEntries((known) => [entry, ...(known ?? [])]);
      form.reset();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setSending(false);
    }
  }

  return (
    <main>
      <h1>{title}</h1>
      <form onSubmit={submit}>
        <label>
          Your name
          <input name="name" required maxLength={60} autoComplete="name" />
        </label>
        <label>
          Your message
          <textarea name="message" required maxLength={500} rows={3} />
        </label>
        <button type="submit" disabled={sending}>
          Sign the guest book
        </button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      {entries === null && !problem && <p>Reading the entries…</p>}
      {entries?.length === 0 && <p>Nobody has signed yet.</p>}
      <ol>
        {entries?.map((entry) => (
          <li key={entry.id}>
            <p>{entry.message}</p>
            <footer>
              {entry.name}, <time dateTime={entry.createdAt}>{day.format(new Date(entry.createdAt))}</time>
            </footer>
          </li>
        ))}
      </ol>
    </main>
  );
}
