import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { guarding } from '../src/shared/changes/useGuard'
import type { ChangePolicy } from '../src/shared/changes/policies'
import { sources } from './sources'

describe('Dialogs', () => {
  // These change nothing that could become a request.
  const plain = ['src/shared/components/Dialog.tsx', 'src/shared/components/SideDialog.tsx', 'src/shared/components/confirm.tsx', 'src/app/']

  it('are all of the kind that closes once its change became a change request', () => {
    const found = sources('src')
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.tsx') && !plain.some((place) => path.startsWith(place)))
      .filter((path) => /import \{[^}]*\b(Modal|Drawer)\b[^}]*\} from '@mantine\/core'/.test(readFileSync(path, 'utf8')))
    expect(found).toEqual([])
  })
})

describe('A guard', () => {
  const policy = (part: Partial<ChangePolicy>) => ({ enabled: true, environment: null, tag: null, bypassGroups: [], ...part }) as ChangePolicy

  it('is every policy in force that names the environment, a tag, both or neither', () => {
    const all = [policy({}), policy({ environment: 'prod' }), policy({ tag: 'money' }), policy({ environment: 'prod', tag: 'money' }), policy({ enabled: false })]
    expect(guarding(all, 'prod', ['money', 'x']).length).toBe(4)
    expect(guarding(all, 'prod', []).length).toBe(2)
    expect(guarding(all, 'dev', ['money']).length).toBe(2)
    expect(guarding(all, 'dev', []).length).toBe(1)
    expect(guarding(all, undefined, []).length).toBe(1)
  })
})
