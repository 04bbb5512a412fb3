import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { FlagView } from '@/shared/api/types'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { segmentChoicesQuery } from '@/shared/project/catalogue'
import { may, maySomewhere, meQuery, projectsQuery } from '@/shared/project/me'
import { environmentColor, environmentsQuery, type Scope } from '@/shared/project/scope'
import { grouped, type Entry, type Section } from './entries'
import { actionsOf, flagEntry, moreOf, wished } from './flagEntries'
import { rank } from './fuzzy'
import { readRecent } from './recent'
import { foundFlagsQuery, latestFlagsQuery } from './search'
import { readWish } from './wish'

const mostFlags = 8
const mostWished = 4
/** From here on a match is meant, and what can be done with the flag stands beside it. */
const meant = 60

/** What the palette offers for a query, or for one flag whose actions were unfolded. */
export function useEntries(scope: Scope, query: string, unfolded: FlagView | null) {
  const m = useMessages()
  const [late] = useDebouncedValue(query.trim(), 120)
  const inProject = scope.project !== ''
  const { data: me } = useQuery(meQuery)
  const seesFlags = inProject && maySomewhere(me, 'flag.view', scope)
  const { data: environments = [] } = useQuery({ ...environmentsQuery(scope), enabled: inProject })
  const { data: projects = [] } = useQuery({ ...projectsQuery(scope.org), enabled: scope.org !== '' })
  const latest = useQuery({ ...latestFlagsQuery(scope), enabled: seesFlags })
  const wish = readWish(query, environments)
  const words = (readWish(late, environments)?.flag ?? late).slice(0, 100)
  const found = useQuery({ ...foundFlagsQuery(scope, words), enabled: seesFlags && words !== '' })
  const segments = useQuery({ ...segmentChoicesQuery(scope, late.slice(0, 100)), enabled: seesFlags && late !== '' && wish === null })

  const allowed = (permission: string, environment?: string) => may(me, permission, { ...scope, environment })
  if (unfolded !== null) {
    const flag = [...(latest.data ?? []), ...(found.data ?? [])].find(({ key }) => key === unfolded.key) ?? unfolded
    const all = [...actionsOf(flag, environments, allowed, m), ...moreOf(flag, scope, m)]
    return { groups: grouped(rank(query, all, ({ label }) => [label]).map(({ item }) => item)), waiting: false, failed: null }
  }

  const asked = wish?.flag ?? query
  const known = [...new Map([...(latest.data ?? []), ...(found.data ?? [])].map((flag) => [flag.key, flag])).values()]
  const flags = query.trim() === '' ? [] : rank(asked, known, (flag) => [flag.key, flag.name])
  const waiting = latest.isLoading || found.isFetching || late !== query.trim()
  const failed = latest.error ?? found.error
  if (wish !== null && flags.length > 0) {
    const top = flags.slice(0, mostWished).map(({ item }) => item)
    const entries = [
      ...wished(wish.verb, top, environments, wish.environment, allowed, m),
      ...flags.slice(0, mostFlags).map(({ item }) => flagEntry(item, m)),
    ]
    return { groups: grouped(entries), waiting, failed }
  }

  const fixed = [
    ...pages(scope, m, (needs) => maySomewhere(me, needs, scope)),
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
          deed: { kind: 'page', to: '/p/$org/$project/flags', params: { org: scope.org, project: project.key } },
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

function pages(scope: Scope, m: Messages, sees: (needs: string) => boolean): Entry[] {
  const page = (id: string, label: string, to: string, params: Record<string, string>, hint?: string): Entry => ({
    id: `page:${id}`, section: 'pages', label, hint, icon: 'page', deed: { kind: 'page', to, params },
  })
  const project = scope.project === '' ? [] : [
    page('flags', m.app.flags, '/p/$org/$project/flags', scope, 'G F'),
    page('segments', m.app.segments, '/p/$org/$project/segments', scope, 'G S'),
    page('schedules', m.schedules.title, '/p/$org/$project/schedules', scope),
    page('evaluate', m.app.evaluate, '/p/$org/$project/evaluate', scope, 'G E'),
    page('environments', m.app.environments, '/p/$org/$project/environments', scope, 'G N'),
    page('changes', m.changes.title, '/p/$org/$project/changes', scope),
    page('policies', m.changes.policiesTitle, '/p/$org/$project/changes/policies', scope),
    ...(sees('audit.view') ? [page('audit', m.app.audit, '/p/$org/$project/audit', scope, 'G A')] : []),
  ]
  const organization = scope.org === '' ? [] : [
    ...(sees('membership.view') ? [page('members', `${m.organization.title}: ${m.organization.members}`, '/o/$org/members', { org: scope.org })] : []),
    page('general', `${m.organization.title}: ${m.organization.general}`, '/o/$org/general', { org: scope.org }),
  ]
  return [
    ...project,
    ...organization,
    page('account', m.account.title, '/account', {}),
    page('tokens', m.tokens.title, '/account/tokens', {}),
  ]
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
