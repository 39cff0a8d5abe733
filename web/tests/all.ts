// All flows in one process: they share a daemon and a browser.

import { readdirSync } from 'node:fs';

for (const name of readdirSync(new URL('.', import.meta.url)).sort()) {
  if (name.endsWith('.test.ts')) await import(`./${name}`);
}
