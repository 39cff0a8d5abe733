// Packs the built files, so that the daemon sends them small without packing them each time.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** What is smaller goes out in one packet as it is. */
const LEAST = 1000;
const dist = new URL('dist', import.meta.url).pathname;

const paths = readdirSync(dist, { recursive: true }).map((name) => join(dist, name));
for (const path of paths.filter((it) => statSync(it).isFile() && statSync(it).size >= LEAST)) {
  const plain = readFileSync(path);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  const brotli = brotliCompressSync(plain, { params: quality });
  // Fonts and pictures are packed already.
  if (brotli.length > 0.9 * plain.length) continue;
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
}
