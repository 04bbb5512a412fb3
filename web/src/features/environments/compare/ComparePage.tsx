import { ActionIcon, Anchor, Button, Checkbox, Chip, Group, Select, Skeleton, Switch, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { IconArrowsExchange, IconChevronRight, IconEqual, IconSearch, IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import type { EnvironmentView } from '@/shared/api/types'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { projectsQuery, useCan } from '@/shared/project/me'
import { environmentsQuery, useEnvironments } from '@/shared/project/scope'
import { changedBy, comparisonQuery, useUndoPromotion, type Promotion } from '../api/promotion'
import classes from './Compare.module.css'
import { DifferenceRow } from './DifferenceRow'
import { aspects, countAspects, filterDifferences } from './differences'
import { PromoteDialog } from './PromoteDialog'
import { useTexts } from '../texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/environments/compare')
const page = 200

/** Two environments side by side: what differs, and a way to carry it over. The question stands in the address. */
export function ComparePage() {
  const m = useMessages()
  const t = useTexts()
  const scope = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { environments } = useEnvironments()
  const to = environments.find(({ key }) => key === search.to) ?? environments.find(({ key }) => key !== search.from)
  const { data: projects = [] } = useQuery(projectsQuery(scope.org))
  const fromProject = projects.find(({ key }) => key === search.fromProject)?.key ?? scope.project
  const isAbroad = fromProject !== scope.project
  const abroad = useQuery({ ...environmentsQuery({ org: scope.org, project: fromProject }), enabled: isAbroad })
  const sources = isAbroad ? (abroad.data ?? []) : environments.filter(({ key }) => key !== to?.key)
  // In another project the environment of the same name is the likely one.
  const from = sources.find(({ key }) => key === search.from) ?? (isAbroad ? sources.find(({ key }) => key === to?.key) : undefined) ?? sources[0]
  const canPromote = useCan('flag.manage', { ...scope, environment: to?.key })
  const comparison = useQuery(comparisonQuery(scope, fromProject, from?.key ?? '', to?.key ?? ''))
  const undo = useUndoPromotion(scope)
  const [everything, setEverything] = useState(false)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [promoting, setPromoting] = useState(false)
  const [shownCount, setShownCount] = useState(page)

  const set = (change: Partial<typeof search>) => {
    setShownCount(page)
    void navigate({ search: (previous) => ({ ...previous, ...change }), replace: true })
  }
  const choose = (change: { fromProject?: string; from?: string; to?: string }) => {
    setSelected(new Set())
    set(change)
  }
  const tell = (promotion: Promotion, target: EnvironmentView) => {
    const { count, traces } = changedBy(promotion)
    const takeBack = () =>
      undo.mutate(
        { to: target.key, ...traces, reason: t.compare.undoReason },
        {
          onSuccess: () => showDone(t.compare.undone(count, target.name), m),
          onError: (error) => {
            const names = isProblem(error, 'changed_meanwhile') ? error.errors.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ') : undefined
            showError(t.compare.undoFailed, error, m, names && t.compare.undoChanged(names))
          },
        },
      )
    showDone(t.compare.promoted(count, target.name), m, takeBack)
  }
  const different = comparison.data?.flags ?? []
  const counts = countAspects(different)
  const shown = filterDifferences(different, search.search ?? '', search.aspect)
  const chosen = different.filter(({ flag }) => selected.has(flag))
  const allChosen = shown.length > 0 && shown.every(({ flag }) => selected.has(flag))
  const options = environments.map(({ key, name }) => ({ value: key, label: name }))

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Group gap={4} mb={8} wrap="nowrap">
        <Anchor component={Link} to="/p/$org/$project/environments" params={scope as never} size="sm">
          {m.environments.title}
        </Anchor>
        <IconChevronRight size={14} aria-hidden />
      </Group>
      <Title order={1} size="h3">
        {m.compare.title}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {t.compare.subtitle}
      </Text>
      {environments.length === 1 && projects.length < 2 ? (
        <div className="surface">
          <EmptyState icon={IconEqual} title={t.compare.onlyOneTitle} text={t.compare.onlyOneText} />
        </div>
      ) : (
        <>
          {projects.length > 1 && (
            <Select
              label={t.compare.fromProject}
              mb="sm"
              maw={280}
              searchable={projects.length > 8}
              data={projects.map(({ key, name }) => ({ value: key, label: key === scope.project ? t.compare.thisProject(name) : name }))}
              value={fromProject}
              allowDeselect={false}
              onChange={(key) => choose({ fromProject: key === null || key === scope.project ? undefined : key, from: undefined, to: to?.key })}
            />
          )}
          <div className={classes.places}>
            <Select
              label={t.compare.from}
              data={sources.map(({ key, name }) => ({ value: key, label: name }))}
              value={from?.key ?? null}
              allowDeselect={false}
              onChange={(key) => choose({ from: key ?? undefined, to: to?.key })}
            />
            <Tooltip label={t.compare.swap} disabled={isAbroad}>
              <ActionIcon variant="default" size={36} aria-label={t.compare.swap} disabled={isAbroad} onClick={() => choose({ from: to?.key, to: from?.key })}>
                <IconArrowsExchange size={18} />
              </ActionIcon>
            </Tooltip>
            <Select
              label={t.compare.to}
              data={options.filter(({ value }) => isAbroad || value !== from?.key)}
              value={to?.key ?? null}
              allowDeselect={false}
              onChange={(key) => choose({ from: from?.key, to: key ?? undefined })}
            />
          </div>
          {!isAbroad && environments.length === 1 ? (
            <div className="surface" style={{ marginTop: 16 }}>
              <EmptyState icon={IconEqual} title={t.compare.onlyOneTitle} text={t.compare.onlyOneText} />
            </div>
          ) : comparison.isError ? (
            <div className="surface" style={{ marginTop: 16 }}>
              <ErrorState error={comparison.error} onRetry={() => void comparison.refetch()} />
            </div>
          ) : comparison.data === undefined || from === undefined || to === undefined ? (
            <Skeleton height={320} mt="md" />
          ) : different.length === 0 ? (
            <div className="surface" style={{ marginTop: 16 }}>
              <EmptyState icon={IconEqual} title={t.compare.sameTitle} text={t.compare.sameText(comparison.data.same, from.name, to.name)} />
            </div>
          ) : (
            <>
              <Group justify="space-between" my="md" gap="sm">
                <Text size="sm" role="status">
                  {t.compare.summary(different.length, comparison.data.same)}
                </Text>
                <Switch size="sm" label={t.compare.everything} checked={everything} onChange={(event) => setEverything(event.currentTarget.checked)} />
              </Group>
              <Group gap="sm" mb="sm">
                <TextInput
                  type="search"
                  w={260}
                  aria-label={t.compare.search}
                  placeholder={t.compare.search}
                  leftSection={<IconSearch size={16} aria-hidden />}
                  defaultValue={search.search ?? ''}
                  onChange={(event) => set({ search: event.currentTarget.value || undefined })}
                />
                <Group gap={6} role="group" aria-label={t.compare.part}>
                  {aspects
                    .filter((aspect) => counts[aspect] !== undefined)
                    .map((aspect) => (
                      <Chip
                        key={aspect}
                        size="xs"
                        checked={search.aspect === aspect}
                        onChange={(checked) => set({ aspect: checked ? aspect : undefined })}
                      >
                        {t.compare.aspects[aspect]} {counts[aspect]}
                      </Chip>
                    ))}
                </Group>
              </Group>
              {shown.length === 0 ? (
                <div className="surface">
                  <EmptyState icon={IconZoomQuestion} title={t.compare.nothingFound}>
                    <Button variant="default" onClick={() => set({ search: undefined, aspect: undefined })}>
                      {m.common.clear}
                    </Button>
                  </EmptyState>
                </div>
              ) : (
                <div className="surface" style={{ overflow: 'clip' }}>
                  {canPromote && (
                    <div className={classes.row} style={{ padding: '10px 14px' }}>
                      <Checkbox
                        label={t.compare.selectAll(shown.length)}
                        checked={allChosen}
                        indeterminate={!allChosen && shown.some(({ flag }) => selected.has(flag))}
                        onChange={() => setSelected(allChosen ? new Set() : new Set(shown.map(({ flag }) => flag)))}
                      />
                    </div>
                  )}
                  {shown.slice(0, shownCount).map((difference) => (
                    <DifferenceRow
                      key={difference.flag}
                      scope={scope}
                      difference={difference}
                      fromProject={fromProject}
                      from={from}
                      to={to}
                      everything={everything}
                      selected={canPromote ? selected.has(difference.flag) : null}
                      onSelect={(wanted) => {
                        const next = new Set(selected)
                        if (wanted) {
                          next.add(difference.flag)
                        } else {
                          next.delete(difference.flag)
                        }
                        setSelected(next)
                      }}
                    />
                  ))}
                  {shown.length > shownCount && (
                    <Group justify="center" py="md">
                      <Button variant="default" onClick={() => setShownCount(shownCount + page)}>
                        {m.common.loadMore}
                      </Button>
                    </Group>
                  )}
                </div>
              )}
              {!canPromote ? (
                <Text size="sm" c="dimmed" mt="md">
                  {t.compare.mayNotPromote(to.name)}
                </Text>
              ) : (
                <div className={classes.bar} role="region" aria-label={t.compare.selection}>
                  <Group justify="space-between">
                    <Group gap="xs">
                      <Text size="sm">{t.compare.chosen(chosen.length)}</Text>
                      <EnvironmentMark environment={from} />
                      <span aria-hidden>→</span>
                      <EnvironmentMark environment={to} />
                    </Group>
                    <Button disabled={chosen.length === 0} onClick={() => setPromoting(true)}>
                      {t.compare.preview}
                    </Button>
                  </Group>
                </div>
              )}
              {promoting && (
                <PromoteDialog
                  scope={scope}
                  fromProject={fromProject}
                  from={from}
                  to={to}
                  flags={chosen.map(({ flag }) => flag)}
                  touched={chosen.filter(({ touched }) => touched).length}
                  onClose={() => setPromoting(false)}
                  onDone={(promotion) => {
                    setPromoting(false)
                    setSelected(new Set())
                    tell(promotion, to)
                  }}
                />
              )}
            </>
          )}
        </>
      )}
    </div>
  )
}
