// Reads .tar.gz: Lambda's Linux has no tar command. Knows the POSIX (pax) and GNU forms of long names.
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const BLOCK = 512;
const OWNER_MAY_EXECUTE = 0o100;

// Unpacks into a folder and returns the number of files. Refuses entries that point outside of it.
export async function unpack(archive, folder) {
  const data = await promisify(gunzip)(archive);
  const target = resolve(folder);
  const inside = (name, from = target) => {
    const path = resolve(from, name);
    if (path !== target && !path.startsWith(target + sep)) throw new Error(`the bundle has an entry outside its folder: ${name}`);
    return path;
  };
  let files = 0;
  for (const entry of entries(data)) {
    const path = inside(entry.name);
    switch (entry.type) {
      case 'folder':
        await mkdir(path, { recursive: true });
        break;
      case 'link':
        inside(entry.link, dirname(path));
        await mkdir(dirname(path), { recursive: true });
        await symlink(entry.link, path);
        break;
      case 'file':
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, entry.data);
        if (entry.mode & OWNER_MAY_EXECUTE) await chmod(path, 0o755);
        files += 1;
        break;
    }
  }
  return files;
}

function* entries(data) {
  let next = {};
  for (let at = 0; at + BLOCK <= data.length && data[at] !== 0; ) {
    const header = data.subarray(at, at + BLOCK);
    const field = (from, length) => {
      const bytes = header.subarray(from, from + length);
      const end = bytes.indexOf(0);
      return bytes.subarray(0, end < 0 ? length : end).toString();
    };
    const octal = (from, length) => Number.parseInt(field(from, length).trim() || '0', 8);
    const size = octal(124, 12);
    const content = data.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error('the bundle is cut off');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;

    const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
    const name = next.path ?? (prefix ? `${prefix}/` : '') + field(0, 100);
    const link = next.linkpath ?? field(157, 100);
    const mode = octal(100, 8);
    switch (field(156, 1) || '0') {
      case 'L':
        next.path = withoutNul(content);
        continue;
      case 'K':
        next.linkpath = withoutNul(content);
        continue;
      case 'x':
        next = { ...next, ...paxRecords(content) };
        continue;
      case '5':
        yield { type: 'folder', name };
        break;
      case '2':
        yield { type: 'link', name, link };
        break;
      case '0':
        yield { type: 'file', name, mode, data: content };
        break;
    }
    next = {};
  }
}

const withoutNul = (content) => content.toString().replace(/\0.*$/s, '');

// "<length> <key>=<value>\n", the length counting the whole record in bytes.
function paxRecords(content) {
  const records = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number.parseInt(content.subarray(at, space).toString(), 10);
    if (!(length > 0)) break;
    const [key, ...value] = content.subarray(space + 1, at + length - 1).toString().split('=');
    records[key] = value.join('=');
    at += length;
  }
  return records;
}
