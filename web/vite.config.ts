import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The daemon that the page is developed against. Host and Origin stay as they are, since the daemon
// compares them before it lets a cookie change anything.
const daemon = process.env.WAYBILL_URL ?? 'http://127.0.0.1:8580';
const proxy = { '/api': { target: daemon, changeOrigin: false } };

export default defineConfig({
  plugins: [svelte()],
  server: { host: '127.0.0.1', strictPort: true, proxy },
  preview: { host: '127.0.0.1', strictPort: true, proxy },
  build: {
    target: 'es2022',
    // Nothing may be inline: the daemon's policy allows files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
