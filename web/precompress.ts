import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const texts = /\.(js|css|svg|json|txt|webmanifest|ttf|otf)$/
/** A copy must save this much of the file to be worth its place. */
const gain = 0.95

/** Leaves compressed copies beside the files of a build, which the server sends as they are (src/Togglr.Server/Ui/UiFiles.cs). */
export function precompress(): Plugin {
  let directory = ''
  return {
    name: 'togglr-precompress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      directory = resolve(root, build.outDir)
    },
    closeBundle: async () => {
      const names = (await readdir(directory, { recursive: true })).filter((name) => texts.test(name) && !name.startsWith('.'))
      await Promise.all(names.map((name) => compress(join(directory, name))))
    },
  }
}

async function compress(path: string) {
  const bytes = await readFile(path)
  const [brotli, zipped] = await Promise.all([
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION, memLevel: constants.Z_MAX_MEMLEVEL }),
  ])
  await Promise.all(
    [
      { copy: brotli, extension: '.br' },
      { copy: zipped, extension: '.gz' },
    ].map(({ copy, extension }) => (copy.length < bytes.length * gain ? writeFile(path + extension, copy) : undefined)),
  )
}
