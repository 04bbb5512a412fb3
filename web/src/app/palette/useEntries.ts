import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { flagListQuery, type FlagItem } from '@/shared/flags/flagList'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { segmentChoicesQuery } from '@/shared/project/catalogue'
import { may, maySomewhere, meQuery, projectsQuery } from '@/shared/project/me'
import { environmentColor, environmentsQuery, type Scope } from '@/shared/project/scope'
import { grouped, type Entry, type Section } from './entries'
import { pages } from './pages'
import { actionsOf, flagEntry, moreOf, wished } from './flagEntries'
import { mentions, rank } from './fuzzy'
import { readRecent } from './recent'
import { readWish } from './wish'

const mostFlags = 8
const mostWished = 4
/** From here on a match is meant, and what can be done with the flag stands beside it. */
const meant = 60

/** What the palette offers for a query, or for one flag whose actions were unfolded. */
export function useEntries(scope: Scope, query: string, unfolded: FlagItem | null) {
  const m = useMessages()
  const [late] = useDebouncedValue(query.trim(), 120)
  const inProject = scope.project !== ''
  const { data: me } = useQuery(meQuery)
  const seesFlags = inProject && maySomewhere(me, 'flag.view', scope)
  const { data: environments = [] } = useQuery({ ...environmentsQuery(scope), enabled: inProject })
  const { data: projects = [] } = useQuery({ ...projectsQuery(scope.org), enabled: scope.org !== '' })
  // Every flag is here, as in the list of flags: searching them asks nobody.
  const list = useQuery({ ...flagListQuery(scope), enabled: seesFlags })
  const known = list.data?.items ?? []
  const wish = readWish(query, environments)
  const segments = useQuery({ ...segmentChoicesQuery(scope, late.slice(0, 100)), enabled: seesFlags && late !== '' && wish === null })

  const allowed = (permission: string, environment?: string) => may(me, permission, { ...scope, environment })
  if (unfolded !== null) {
    const flag = known.find(({ key }) => key === unfolded.key) ?? unfolded
    const all = [...actionsOf(flag, environments, allowed, m), ...moreOf(flag, scope, m)]
    return { groups: grouped(rank(query, all, ({ label }) => [label]).map(({ item }) => item)), waiting: false, failed: null }
  }

  const asked = wish?.flag ?? query
  const flags = query.trim() === '' ? [] : findFlags(asked, known)
  const waiting = list.isLoading || (seesFlags && wish === null && (segments.isFetching || late !== query.trim()))
  const failed = list.error ?? segments.error
  if (wish !== null && flags.length > 0) {
    const top = flags.slice(0, mostWished).map(({ item }) => item)
    const entries = [
      ...wished(wish.verb, top, environments, wish.environment, allowed, m),
      ...flags.slice(0, mostFlags).map(({ item }) => flagEntry(item, m)),
    ]
    return { groups: grouped(entries), waiting, failed }
  }

  const fixed = [
    ...pages(scope, m, me),
    ...environments.map(
      (environment): Entry => ({
        id: `environment:${environment.key}`,
        section: 'environments',
        label: m.palette.switchTo(environment.name),
        hint: environment.critical ? m.app.critical : environment.key,
        icon: 'environment',
        color: environmentColor(environment),
        deed: { kind: 'environment', key: environment.key },
      }),
    ),
    ...projects
      .filter(({ key }) => key !== scope.project)
      .map(
        (project): Entry => ({
          id: `project:${project.key}`,
          section: 'projects',
          label: project.name,
          hint: project.key,
          icon: 'project',
          deed: { kind: 'page', to: '/p/$org/$project', params: { org: scope.org, project: project.key } },
        }),
      ),
    ...settings(m),
  ]
  if (query.trim() === '') {
    const recent = (inProject ? readRecent(scope.org, scope.project) : []).map((item): Entry => {
      const flag = item.kind === 'flag' ? known.find(({ key }) => key === item.key) : undefined
      const name = flag?.name || item.name
      return {
        id: `recent:${item.kind}:${item.key}`,
        section: 'recent',
        label: name || item.key,
        hint: name ? item.key : undefined,
        icon: item.kind,
        flag,
        deed: { kind: 'open', item },
      }
    })
    return { groups: grouped([...recent, ...fixed]), waiting: false, failed: null }
  }

  const best = flags[0]
  const matches = rank(query, fixed, ({ label, hint }) => [label, hint ?? ''])
  const entries = [
    ...flags.slice(0, mostFlags).map(({ item }) => flagEntry(item, m)),
    ...(best !== undefined && (best.score >= meant || flags.length === 1) ? actionsOf(best.item, environments, allowed, m) : []),
    ...(segments.data ?? []).slice(0, 5).map(
      (segment): Entry => ({
        id: `segment:${segment.key}`,
        section: 'segments',
        label: segment.name || segment.key,
        hint: segment.key,
        icon: 'segment',
        deed: { kind: 'open', item: { kind: 'segment', key: segment.key, name: segment.name } },
      }),
    ),
    ...matches.map(({ item }) => item),
  ]
  // A page or environment that is called so goes before a flag whose description merely has the word.
  const page = matches[0]
  const first: Section[] =
    page !== undefined && page.score > (best?.score ?? 0) ? [page.item.section] : best !== undefined ? ['flags', 'actions'] : []
  return { groups: grouped(entries, first), waiting, failed }
}

/** The flags that answer a query: by key and name first, then those whose description has the words; archived ones after the others. */
function findFlags(query: string, flags: FlagItem[]) {
  const named = rank(query, flags, (flag) => [flag.key, flag.name])
  const seen = new Set(named.map(({ item }) => item.key))
  const described = query.trim() === '' ? [] : flags.filter((flag) => !seen.has(flag.key) && mentions(query, flag.description))
  const all = [...named, ...described.map((item) => ({ item, score: 0 }))]
  return [...all.filter(({ item }) => item.archivedAt === null), ...all.filter(({ item }) => item.archivedAt !== null)]
}

const settings = (m: Messages): Entry[] => [
  ...(['light', 'dark', 'auto'] as const).map(
    (scheme): Entry => ({
      id: `theme:${scheme}`,
      section: 'settings',
      label: `${m.app.theme}: ${{ light: m.app.themeLight, dark: m.app.themeDark, auto: m.app.themeAuto }[scheme]}`,
      icon: 'theme',
      deed: { kind: 'theme', scheme },
    }),
  ),
  { id: 'shortcuts', section: 'settings', label: m.shortcuts.title, hint: '?', icon: 'keyboard', deed: { kind: 'shortcuts' } },
]
