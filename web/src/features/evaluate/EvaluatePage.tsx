import { Badge, Button, Group, NumberInput, Paper, Select, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { useClipboard, useDebouncedValue } from '@mantine/hooks'
import { IconCheck, IconLink, IconPlayerPlay, IconZoomQuestion } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, useLocation } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { flagChoicesQuery } from '@/shared/project/catalogue'
import { useEnvironments } from '@/shared/project/scope'
import { ContextEditor } from './ContextEditor'
import { ContextMenu } from './ContextMenu'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import classes from './EvaluatePage.module.css'
import { useEvaluate } from './evaluate'
import { fromFragment, noteRecent, toFragment } from './recentContexts'
import { Results } from './Results'
import { SideBySide } from './SideBySide'

const route = getRouteApi('/signedIn/p/$org/$project/evaluate')

/** Asks what somebody would get, and why. The question stands in the address, the context behind `#`: it can be sent to somebody, and no server logs it. */
export function EvaluatePage() {
  const m = useMessages()
  const scope = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const fragment = useLocation({ select: ({ hash }) => hash })
  const clipboard = useClipboard()
  const { current, environments } = useEnvironments()
  const evaluate = useEvaluate(scope)
  const [flag, setFlag] = useState(search.flag ?? '')
  const [flagSearch, setFlagSearch] = useState('')
  const [wanted] = useDebouncedValue(flagSearch === flag ? '' : flagSearch, 200)
  const { data: choices = [] } = useQuery({ ...flagChoicesQuery(scope, wanted), placeholderData: keepPreviousData })
  // Links of earlier versions carry the context in the query.
  const [brought] = useState(() => fromFragment(fragment) ?? search.context)
  const [context, setContext] = useState<EvaluationContext>(brought ?? {})
  // A picked context is put into the editor by making a new one.
  const [editor, setEditor] = useState(0)
  const [valid, setValid] = useState(true)
  const [at, setAt] = useState(search.at ?? '')
  const [revision, setRevision] = useState<number | string>(search.revision ?? '')
  const everywhere = search.in === 'all'
  const asked = useRef<string | null>(null)

  const run = (asking = context, all = everywhere) => {
    if (current === undefined) {
      return
    }
    asked.current = current.key
    noteRecent(scope, asking)
    evaluate.mutate({
      environments: all ? environments.map(({ key }) => key) : [current.key],
      context: asking,
      flags: flag === '' ? null : [flag],
      at: at === '' ? null : new Date(at).toISOString(),
      revision: all || typeof revision !== 'number' ? null : revision,
    })
    void navigate({
      search: (previous) => ({
        ...previous,
        flag: flag || undefined,
        context: undefined,
        at: at || undefined,
        revision: all || typeof revision !== 'number' ? undefined : revision,
        in: all ? 'all' : undefined,
      }),
      hash: toFragment(asking),
      hashScrollIntoView: false,
      replace: true,
    })
  }
  const pick = (picked: EvaluationContext) => {
    setContext(picked)
    setValid(true)
    setEditor(editor + 1)
    run(picked)
  }

  // A link that brings a question is answered at once; so is a change of the environment after the first question.
  const env = current?.key
  useEffect(() => {
    if (env !== undefined && asked.current !== env && (asked.current !== null || brought !== undefined)) {
      run()
    }
    // Only the environment asks again: typing waits for the button.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [env])
  const answers = evaluate.data

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Title order={1} size="h3">
        {m.evaluate.title}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {m.evaluate.subtitle}
      </Text>
      <div className={classes.columns}>
        <Paper className="surface" p="md" component="section" aria-label={m.evaluate.title}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              run()
            }}
          >
            <Stack gap="md">
              <Group justify="space-between">
                {current && !everywhere && <EnvironmentMark environment={current} />}
                {environments.length > 1 && (
                  <Switch
                    size="sm"
                    label={m.contexts.everywhere}
                    checked={everywhere}
                    onChange={(event) => {
                      const all = event.currentTarget.checked
                      if (answers === undefined) {
                        void navigate({ search: (previous) => ({ ...previous, in: all ? 'all' : undefined }), hash: true, replace: true })
                      } else {
                        run(context, all)
                      }
                    }}
                  />
                )}
              </Group>
              <Select
                label={m.evaluate.flag}
                placeholder={m.evaluate.allFlags}
                clearable
                clearButtonProps={{ 'aria-label': m.common.clear }}
                searchable
                data={[...new Set([...(flag === '' ? [] : [flag]), ...choices.map(({ key }) => key)])]}
                value={flag || null}
                searchValue={flagSearch}
                onSearchChange={setFlagSearch}
                filter={({ options }) => options}
                classNames={{ input: 'mono' }}
                onChange={(key) => setFlag(key ?? '')}
              />
              <ContextMenu scope={scope} context={context} valid={valid} onPick={pick} />
              <ContextEditor key={editor} context={context} onChange={setContext} onValid={setValid} />
              <Group grow align="flex-start">
                <TextInput
                  type="datetime-local"
                  label={m.evaluate.at}
                  description={m.evaluate.atHint}
                  value={at}
                  onChange={(event) => setAt(event.currentTarget.value)}
                />
                {!everywhere && (
                  <NumberInput
                    label={m.contexts.revision}
                    description={m.contexts.revisionHint(current?.revision ?? 1)}
                    min={1}
                    max={current?.revision}
                    allowDecimal={false}
                    allowNegative={false}
                    hideControls
                    value={revision}
                    onChange={setRevision}
                  />
                )}
              </Group>
              <Button
                type="submit"
                leftSection={<IconPlayerPlay size={16} aria-hidden />}
                disabled={!valid || current === undefined}
                loading={evaluate.isPending}
              >
                {m.evaluate.run}
              </Button>
            </Stack>
          </form>
        </Paper>
        <section aria-label={m.evaluate.results} aria-live="polite">
          {evaluate.isError ? (
            <Paper className="surface">
              <ErrorState error={evaluate.error} onRetry={() => run()} />
            </Paper>
          ) : answers === undefined ? (
            <Paper className="surface">
              <EmptyState icon={IconZoomQuestion} title={m.evaluate.emptyTitle} text={m.evaluate.emptyText} />
            </Paper>
          ) : (
            <>
              <Group justify="space-between" mb="xs">
                <Group gap="xs">
                  <Title order={2} size="h5">
                    {m.evaluate.results}
                  </Title>
                  {answers[0] !== undefined && answers.length === 1 && (
                    <Badge variant="light" tt="none">
                      {m.evaluate.revision(answers[0].revision)}
                    </Badge>
                  )}
                </Group>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  leftSection={clipboard.copied ? <IconCheck size={15} aria-hidden /> : <IconLink size={15} aria-hidden />}
                  onClick={() => clipboard.copy(location.href)}
                >
                  {clipboard.copied ? m.common.copied : m.evaluate.copyLink}
                </Button>
              </Group>
              {answers.length > 1 ? (
                <SideBySide answers={answers} environments={environments} />
              ) : (
                <Results scope={scope} results={answers[0]?.results ?? []} />
              )}
            </>
          )}
        </section>
      </div>
    </div>
  )
}
