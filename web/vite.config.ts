import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { precompress } from './precompress.ts'

const server = process.env.TOGGLR_WEB_PROXY ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The server puts a new nonce in its place with every page (src/Togglr.Server/Ui/AdminUi.cs).
  html: { cspNonce: '__TOGGLR_NONCE__' },
  // The manifest is for tests/Togglr.BrowserTests/BundleTests.cs.
  build: { outDir: 'dist', manifest: true, assetsDir: 'assets', target: 'es2022',
    // Browsers that know light-dark() themselves: its emulation cannot follow a scheme that a variable sets.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 700 },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server, ws: true },
      '/sdk': server,
      '/ofrep': server,
    },
  },
  // A busy machine is slow, not broken.
  test: { environment: 'node', include: ['tests/**/*.test.ts'], testTimeout: 30_000 },
})
