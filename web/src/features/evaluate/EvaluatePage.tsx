import { Badge, Button, Group, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useClipboard, useDebouncedValue } from '@mantine/hooks'
import { IconCheck, IconLink, IconPlayerPlay, IconZoomQuestion } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { flagChoicesQuery } from '@/shared/project/catalogue'
import { useEnvironments } from '@/shared/project/scope'
import { ContextEditor } from './ContextEditor'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import classes from './EvaluatePage.module.css'
import { useEvaluate } from './evaluate'
import { Results } from './Results'

const route = getRouteApi('/signedIn/p/$org/$project/evaluate')

/** Asks what somebody would get, and why. The question stands in the address, so it can be sent to somebody. */
export function EvaluatePage() {
  const m = useMessages()
  const scope = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const clipboard = useClipboard()
  const { current } = useEnvironments()
  const evaluate = useEvaluate(scope)
  const [flag, setFlag] = useState(search.flag ?? '')
  const [flagSearch, setFlagSearch] = useState('')
  const [wanted] = useDebouncedValue(flagSearch === flag ? '' : flagSearch, 200)
  const { data: choices = [] } = useQuery({ ...flagChoicesQuery(scope, wanted), placeholderData: keepPreviousData })
  const [context, setContext] = useState<EvaluationContext>(search.context ?? {})
  const [valid, setValid] = useState(true)
  const [at, setAt] = useState(search.at ?? '')
  const asked = useRef<string | null>(null)

  const run = () => {
    if (current === undefined) {
      return
    }
    asked.current = current.key
    evaluate.mutate({
      environment: current.key,
      context,
      flags: flag === '' ? null : [flag],
      at: at === '' ? null : new Date(at).toISOString(),
    })
    void navigate({
      search: (previous) => ({
        ...previous,
        flag: flag || undefined,
        context,
        at: at || undefined,
      }),
      replace: true,
    })
  }

  // A link that brings a question is answered at once; so is a change of the environment after the first question.
  const env = current?.key
  useEffect(() => {
    if (env !== undefined && asked.current !== env && (asked.current !== null || search.context !== undefined)) {
      run()
    }
    // Only the environment asks again: typing waits for the button.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [env])

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
              {current && <EnvironmentMark environment={current} />}
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
              <ContextEditor context={context} onChange={setContext} onValid={setValid} />
              <TextInput
                type="datetime-local"
                label={m.evaluate.at}
                description={m.evaluate.atHint}
                value={at}
                onChange={(event) => setAt(event.currentTarget.value)}
              />
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
              <ErrorState error={evaluate.error} onRetry={run} />
            </Paper>
          ) : evaluate.data === undefined ? (
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
                  <Badge variant="light" tt="none">
                    {m.evaluate.revision(evaluate.data.revision)}
                  </Badge>
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
              <Results scope={scope} results={evaluate.data.results} />
            </>
          )}
        </section>
      </div>
    </div>
  )
}
