import type { EnvironmentView } from '@/shared/api/types'
import type { FlagItem } from '@/shared/flags/flagList'
import type { Messages } from '@/shared/i18n/messages'
import { environmentColor } from '@/shared/project/scope'
import type { Entry } from './entries'
import type { Verb } from './wish'

type May = (permission: string, environment?: string) => boolean

export const flagEntry = (flag: FlagItem, m: Messages): Entry => ({
  id: `flag:${flag.key}`,
  section: 'flags',
  label: flag.name || flag.key,
  hint: flag.archivedAt === null ? flag.key : `${flag.key} · ${m.flags.archived}`,
  icon: 'flag',
  flag,
  deed: { kind: 'open', item: { kind: 'flag', key: flag.key, name: flag.name } },
})

/** Switching a flag in one environment, with the reason where it cannot be done. */
function toggleEntry(flag: FlagItem, environment: EnvironmentView, enabled: boolean, may: May, m: Messages): Entry {
  const refused =
    flag.archivedAt !== null
      ? m.flags.archivedCannotToggle
      : !may('flag.toggle', environment.key)
        ? m.flags.mayNotToggle(environment.name)
        : undefined
  const label = enabled ? m.palette.turnOn(flag.key, environment.name) : m.palette.turnOff(flag.key, environment.name)
  return {
    id: `toggle:${flag.key}:${environment.key}:${enabled}`,
    section: 'actions',
    label,
    hint: environment.critical ? m.app.critical : undefined,
    icon: enabled ? 'on' : 'off',
    color: environmentColor(environment),
    critical: environment.critical,
    refused,
    deed: { kind: 'toggle', flag, environment, enabled },
  }
}

function killEntry(flag: FlagItem, may: May, m: Messages): Entry {
  const refused = flag.archivedAt !== null ? m.flags.archivedCannotToggle : !may('flag.toggle') ? m.palette.mayNotKill : undefined
  return {
    id: `kill:${flag.key}`,
    section: 'actions',
    label: m.palette.kill(flag.key),
    icon: 'kill',
    color: 'var(--mantine-color-red-6)',
    refused,
    deed: { kind: 'kill', flag },
  }
}

/** Everything that can be done with a flag from here: the switches go the way that they are not. */
export function actionsOf(flag: FlagItem, environments: EnvironmentView[], may: May, m: Messages): Entry[] {
  const killed = environments.length > 0 && environments.every(({ key }) => flag.environments[key]?.killed)
  return [
    ...(killed ? [] : [killEntry(flag, may, m)]),
    ...environments.map((environment) => toggleEntry(flag, environment, !flag.environments[environment.key]?.enabled, may, m)),
  ]
}

/** The actions that a wish names: `turn off new-checkout in prod`. */
export function wished(verb: Verb, flags: FlagItem[], environments: EnvironmentView[], environment: EnvironmentView | undefined, may: May, m: Messages): Entry[] {
  return flags.flatMap((flag) =>
    verb === 'kill'
      ? [killEntry(flag, may, m)]
      : (environment === undefined ? environments : [environment])
          // What is so already needs no action, unless exactly this was asked for: then the row says so.
          .filter((item) => environment !== undefined || flag.environments[item.key]?.enabled !== (verb === 'on'))
          .map((item) => {
            const entry = toggleEntry(flag, item, verb === 'on', may, m)
            const already = flag.environments[item.key]?.enabled === (verb === 'on')
            return already ? { ...entry, refused: verb === 'on' ? m.flag.onIn(item.name) : m.flag.offIn(item.name) } : entry
          }),
  )
}

/** The rest that can be done with one flag, when its actions are unfolded. */
export const moreOf = (flag: FlagItem, scope: { org: string; project: string }, m: Messages): Entry[] => [
  { ...flagEntry(flag, m), section: 'actions', label: m.palette.open(flag.key), hint: undefined, flag: undefined },
  {
    id: `history:${flag.key}`,
    section: 'actions',
    label: m.flag.history,
    icon: 'history',
    deed: { kind: 'page', to: '/p/$org/$project/flags/$flag', params: { ...scope, flag: flag.key }, search: { tab: 'history' } },
  },
  {
    id: `evaluate:${flag.key}`,
    section: 'actions',
    label: m.app.evaluate,
    icon: 'evaluate',
    deed: { kind: 'page', to: '/p/$org/$project/evaluate', params: scope, search: { flag: flag.key } },
  },
  { id: `copy:${flag.key}`, section: 'actions', label: m.common.copyKey(flag.key), icon: 'copy', deed: { kind: 'copy', text: flag.key } },
]
