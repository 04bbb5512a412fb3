import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Every TypeScript file below a folder. */
export function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sources(path) : /\.tsx?$/.test(name) ? [path] : []
  })
}
