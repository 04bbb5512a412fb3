import { Button, Group, Loader, NativeSelect, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { useStays } from '@/shared/components/useStays'
import { showDone } from '@/shared/components/feedback'
import { flagListQuery } from '@/shared/flags/flagList'
import { queryOf, type FlagListSearch } from '@/shared/flags/listSearch'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { tagsQuery } from '@/shared/project/catalogue'
import { may, meQuery, useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { problemsQuery } from '@/shared/flags/problems'
import { scheduledQuery } from '@/shared/schedules/api'
import { scheduledNames } from './scheduledNames'
import { useTimeZone } from '@/shared/project/timeZone'
import { useToggleWithConfirmation } from '../useToggleWithConfirmation'
import { fitColumns, readColumns, writeColumns, type Columns } from './columns'
import ColumnsMenu from './ColumnsMenu'
import { NoFlags } from './NoFlags'
import { filterFlags, keepPlaces } from './filter'
import { FlagFilters } from './FlagFilters'
import { FlagRows } from './FlagRows'
import { FlagRowsLoading } from './FlagRowsLoading'
import { HintLayer } from './HintLayer'
import { mostSelected, select, stillThere } from './selection'
import { useExtraColumns } from './useExtraColumns'
import ViewsMenu from './ViewsMenu'

const route = getRouteApi('/signedIn/p/$org/$project/flags')
const CreateFlagDrawer = lazy(() => import('../create/CreateFlagDrawer'))
const BulkBar = lazy(() => import('./BulkBar'))

const none: ReadonlySet<string> = new Set()

export function FlagListPage() {
  const m = useMessages()
  const { org, project } = route.useParams()
  const scope = useMemo(() => ({ org, project }), [org, project])
  const { env: _env, ...filter } = route.useSearch()
  const navigate = route.useNavigate()
  const router = useRouter()
  const stays = useStays()
  const [creating, setCreating] = useState(false)
  const { environments, current } = useEnvironments()
  const { data: me } = useQuery(meQuery)
  const canManage = useCan('flag.manage', scope)
  const list = useQuery(flagListQuery(scope))
  const { data: tags } = useQuery(tagsQuery(scope))
  const toggle = useToggleWithConfirmation(scope)
  const { language } = useLanguage()
  const timeZone = useTimeZone()

  // Order: made anew when another is chosen, kept while flags change.
  const places = useRef({ of: '', map: new Map<string, number>() })
  const items = list.data?.items
  const ordered = useMemo(() => {
    const of = `${org}/${project}/${filter.sort ?? ''}`
    if (places.current.of !== of || items === undefined) {
      places.current = { of, map: new Map() }
    }
    return items === undefined ? [] : keepPlaces(items, filter.sort, places.current.map)
  }, [items, filter.sort, org, project])
  const filterText = JSON.stringify({ ...filter, columns: undefined, view: undefined })
  const flags = useMemo(() => filterFlags(ordered, JSON.parse(filterText) as FlagListSearch), [ordered, filterText])

  const [selection, setSelection] = useState<ReadonlySet<string>>(none)
  const lastSelected = useRef<string>(undefined)
  const keys = useMemo(() => flags.map((flag) => flag.key), [flags])
  const selected = useMemo(() => (selection.size === 0 ? none : stillThere(selection, keys)), [selection, keys])

  const stored = `togglr-columns:${org}/${project}`
  const isPhone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  const isTablet = useMediaQuery('(max-width: 75em)', undefined, { getInitialValueInEffect: false })
  const columnsText = filter.columns ?? localStorage.getItem(stored)
  const chosen = useMemo(() => readColumns(columnsText, environments, current), [columnsText, environments, current])
  const columns = useMemo(() => fitColumns(chosen, isPhone ? 'phone' : isTablet ? 'tablet' : 'desk', current), [chosen, isPhone, isTablet, current])
  const setColumns = (next: Columns | null) => {
    const text = next === null ? undefined : writeColumns(next)
    if (text === undefined) {
      localStorage.removeItem(stored)
    } else {
      localStorage.setItem(stored, text)
    }
    change({ columns: text })
  }

  const change = (next: Partial<FlagListSearch>) =>
    stays() && void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true, resetScroll: false })
  const open = (next: FlagListSearch) => void navigate({ search: ({ env }) => ({ env, ...next }), resetScroll: false })
  const { sort: _sort, columns: _columns, view: _view, ...narrowing } = filter
  const filtered = Object.values(narrowing).some((value) => value !== undefined)
  const clear = () => open({ sort: filter.sort, columns: filter.columns })

  // One object for all rows, with functions that see what is current: rows are drawn again for their own news only.
  const live = useRef({ keys, toggle, navigate })
  useEffect(() => {
    live.current = { keys, toggle, navigate }
  })
  const people = list.data?.people
  const { data: scheduledItems } = useQuery(scheduledQuery({ org, project }))
  const { data: found } = useQuery(problemsQuery({ org, project }))
  const problems = useMemo(() => new Map((found?.items ?? []).map((item) => [item.key, item])), [found])
  const scheduled = useMemo(() => scheduledNames(scheduledItems ?? [], environments), [scheduledItems, environments])
  const context = useMemo(
    () => ({
      href: (flag: string) => `/p/${encodeURIComponent(org)}/${encodeURIComponent(project)}/flags/${encodeURIComponent(flag)}${current === undefined ? '' : `?env=${encodeURIComponent(current.key)}`}`,
      columns,
      current,
      tags: new Map((tags ?? []).map((tag) => [tag.key, tag])),
      people: people ?? {},
      scheduled,
      problems,
      mayToggle: (environment: string) => may(me, 'flag.toggle', { org, project, environment }),
      selectable: !isPhone,
      language,
      onOpen: (flag: string, event: React.MouseEvent) => {
        if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
          event.preventDefault()
          void router.navigate({ to: '/p/$org/$project/flags/$flag', params: { org, project, flag } })
        }
      },
      onToggle: (flag: Parameters<typeof toggle>[0], environment: Parameters<typeof toggle>[1], enabled: boolean) => void live.current.toggle(flag, environment, enabled),
      onSelect: (flag: string, on: boolean, range: boolean) => {
        const from = range ? lastSelected.current : undefined
        lastSelected.current = flag
        setSelection((before) => select(before, live.current.keys, flag, on, from))
      },
      onCopy: (flag: string) => void navigator.clipboard.writeText(flag).then(() => showDone(m.flagList.copied(flag), m)),
    }),
    [org, project, columns, current, tags, people, scheduled, problems, me, isPhone, language, router, m],
  )
  const { extra, lifecycles } = useExtraColumns(scope, current?.key, columns.plain)
  const exact = (time: string) => new Date(time).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  const owners = useMemo(() => {
    const ids = new Set(items?.map((item) => item.owner))
    return Object.entries(people ?? {}).filter(([id]) => ids.has(id))
  }, [items, people])
  const total = items?.length

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Group justify="space-between" mb="md" gap="xs">
        <Group gap="sm" align="baseline" wrap="nowrap" mih={36}>
          <Title order={1} size="h3">
            {m.flags.title}
          </Title>
          {total !== undefined && (
            <Text c="dimmed" size="sm" aria-live="polite" data-testid="flag-count">
              {filtered ? m.flagList.shown(flags.length, total) : m.flags.count(flags.length)}
            </Text>
          )}
          {/* Here, so that the list stays where it is when filters come and go. */}
          {filtered && total !== undefined && (
            <Button variant="subtle" size="compact-sm" leftSection={<IconX size={14} aria-hidden />} onClick={clear}>
              {m.flags.clearFilters}
            </Button>
          )}
          {list.isFetching && !list.isPending && <Loader size={14} aria-label={m.flagList.updating} />}
        </Group>
        <Group gap="xs">
          <ViewsMenu scope={scope} search={filter} onOpen={open} />
          <NativeSelect
            aria-label={m.flags.sort}
            value={filter.sort ?? ''}
            onChange={(event) => change({ sort: event.currentTarget.value || undefined })}
            data={[
              { value: '', label: filter.search === undefined ? m.flags.sortUpdated : m.flagList.sortRank },
              ...(filter.search === undefined ? [] : [{ value: '-updatedAt', label: m.flags.sortUpdated }]),
              { value: '-createdAt', label: m.flags.sortCreated },
              { value: 'key', label: m.flags.sortKey },
              { value: 'name', label: m.flags.sortName },
            ]}
          />
          {!isPhone && <ColumnsMenu columns={chosen} environments={environments} onChange={setColumns} onReset={() => setColumns(null)} />}
          {canManage && (
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
              {m.flags.create}
            </Button>
          )}
        </Group>
      </Group>
      <FlagFilters
        scope={scope}
        filter={filter}
        environments={environments}
        owners={owners}
        lifecycles={lifecycles}
        onChange={change}
      />
      <HintLayer exact={exact}>
        <div className="surface" style={{ marginTop: 'var(--mantine-spacing-md)', overflow: 'clip' }}>
          {list.isPending ? (
            <FlagRowsLoading />
          ) : list.isError && list.data === undefined ? (
            <ErrorState error={list.error} title={m.flags.loadFailed} onRetry={() => void list.refetch()} />
          ) : flags.length > 0 ? (
            <FlagRows
              flags={flags}
              selected={selected}
              context={context}
              extra={extra}
              onSelectAll={(on) => setSelection(on ? new Set(keys.slice(0, mostSelected)) : none)}
            />
          ) : (
            <NoFlags
              any={(total ?? 0) > 0}
              archived={queryOf(narrowing) === 'archived=true'}
              filtered={filtered}
              onClear={clear}
              onCreate={canManage ? () => setCreating(true) : undefined}
            />
          )}
        </div>
      </HintLayer>
      {selected.size > 0 && (
        <Suspense>
          <BulkBar
            scope={scope}
            flags={keys.filter((key) => selected.has(key))}
            shown={flags.length}
            hasArchived={flags.some((flag) => flag.archivedAt !== null && selected.has(flag.key))}
            hasActive={flags.some((flag) => flag.archivedAt === null && selected.has(flag.key))}
            environments={environments}
            mayToggle={context.mayToggle}
            mayManage={canManage}
            onSelectShown={() => setSelection(new Set(keys.slice(0, mostSelected)))}
            onClear={() => setSelection(none)}
          />
        </Suspense>
      )}
      {creating && (
        <Suspense>
          <CreateFlagDrawer
            scope={scope}
            onClose={() => setCreating(false)}
            onCreated={(flag) => void navigate({ to: '/p/$org/$project/flags/$flag', params: { ...scope, flag } })}
          />
        </Suspense>
      )}
    </div>
  )
}
