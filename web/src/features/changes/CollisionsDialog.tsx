import { Badge, Button, Code, Group, Radio, Skeleton, Stack, Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { unwrap } from '@/shared/api/client'
import { draft } from '@/shared/api/draft'
import type { ProblemDetail } from '@/shared/api/problem'
import type { Rule } from '@/shared/api/types'
import { useChangeRequestActions, type ChangeRequestView, type RequestedChange } from '@/shared/changes/changeRequests'
import { Dialog } from '@/shared/components/Dialog'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { ruleTitle } from '@/shared/targeting/diff'
import { sentenceText, serveText } from '@/shared/targeting/sentence'
import { documentOf, merge, type Collision, type Resolvable } from './collisions'
import { useTexts } from './texts/useTexts'

const CodeEditor = lazy(() => import('@/shared/components/CodeEditor'))

type Props = { scope: Scope; request: ChangeRequestView; collisions: ProblemDetail[]; onClose: () => void }
type Side = 'mine' | 'theirs' | 'own'
type Choice = { side: Side; own: string }

/** The changes of a request in which both sides changed the same, where that can be decided here. */
export const decidable = (request: ChangeRequestView, collisions: ProblemDetail[]): RequestedChange[] | null => {
  const positions = [...new Set(collisions.map(({ path }) => Number(path.split('/')[2])))]
  const changes = positions.map((position) => request.changes.find((change) => change.position === position))
  return changes.every((change): change is RequestedChange => change !== undefined && change.body !== null && documentOf(change) !== null) ? changes : null
}

/** Decides, member by member, what both sides changed differently: as the request wants it, as it is now, or in other words. */
export function CollisionsDialog({ scope, request, collisions, onClose }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { rebase } = useChangeRequestActions(scope, request.number)
  const changes = decidable(request, collisions) ?? []
  const [choices, setChoices] = useState<Record<string, Choice>>({})
  const now = useQueries({
    queries: changes.map(({ path }) => ({
      queryKey: ['collision', scope.org, scope.project, path],
      queryFn: () => unwrap(draft.GET<Record<string, unknown>>(`/api/v1/orgs/${encodeURIComponent(scope.org)}/projects/${encodeURIComponent(scope.project)}/${path}`, {})),
      staleTime: 0,
      gcTime: 0,
    })),
  })
  const failed = now.find(({ isError }) => isError)
  const merges = changes.flatMap((change, index): { change: RequestedChange; merged: Resolvable }[] => {
    const data = now[index]?.data
    return data === undefined ? [] : [{ change, merged: merge(change, data) }]
  })
  const keyOf = (change: RequestedChange, { member }: Collision) => `${change.position} ${member}`
  const choiceOf = (change: RequestedChange, collision: Collision): Choice =>
    choices[keyOf(change, collision)] ?? { side: 'mine', own: JSON.stringify(collision.mine ?? null, null, 2) }
  const all = merges.flatMap(({ change, merged }) => merged.collisions.map((collision) => choiceOf(change, collision)))
  const ready = merges.length === changes.length && all.every(({ side, own }) => side !== 'own' || isJson(own))

  const submit = () => {
    const resolutions = Object.fromEntries(
      merges.map(({ change, merged }) => [
        change.position,
        merged.resolve((collision) => {
          const { side, own } = choiceOf(change, collision)
          return side === 'own' ? JSON.parse(own) : collision[side]
        }),
      ]),
    )
    rebase.mutate(resolutions, {
      onSuccess: () => {
        showDone(t.done.rebased, m)
        onClose()
      },
      onError: (error) => showError(m.errors.title, error, m),
    })
  }

  return (
    <Dialog opened onClose={onClose} size="xl" title={<Text fw={650}>{t.collisions}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Text size="sm">{t.collisionsChoose}</Text>
          {failed !== undefined ? (
            <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
          ) : (
            merges.length < changes.length && <Skeleton height={160} />
          )}
          {merges.map(({ change, merged }) => (
            <Stack key={change.position} gap="xs" component="section" aria-label={change.entityKey}>
              <Group gap="xs">
                <Text fw={650} className="mono" style={{ overflowWrap: 'anywhere' }}>
                  {change.entityKey}
                </Text>
                {change.environment !== null && (
                  <Badge variant="default" tt="none" size="sm">
                    {change.environment}
                  </Badge>
                )}
              </Group>
              {merged.collisions.map((collision) => (
                <MemberChoice
                  key={collision.member}
                  collision={collision}
                  author={request.author.name}
                  choice={choiceOf(change, collision)}
                  onChoose={(choice) => setChoices({ ...choices, [keyOf(change, collision)]: choice })}
                />
              ))}
            </Stack>
          ))}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={rebase.isPending}>
              {t.rebase}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

type ChoiceProps = { collision: Collision; author: string; choice: Choice; onChoose: (choice: Choice) => void }

function MemberChoice({ collision, author, choice, onChoose }: ChoiceProps) {
  const m = useMessages()
  const t = useTexts()
  const { member, mine, theirs } = collision
  const name = (t.members as Record<string, string>)[member] ?? member
  const sides = [
    { side: 'mine' as const, label: t.sideMine(author), value: mine },
    { side: 'theirs' as const, label: t.sideTheirs, value: theirs },
    { side: 'own' as const, label: t.sideOwn, value: undefined },
  ]
  return (
    <Radio.Group
      label={name}
      value={choice.side}
      onChange={(side) => onChoose({ ...choice, side: side as Side })}
      data-member={member}
    >
      <Stack gap={6} mt={6}>
        {sides.map(({ side, label, value }) => (
          <div key={side}>
            <Radio value={side} label={label} />
            {side !== 'own' && (
              <Code block ml={28} mt={4} mah={180} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label={`${name}: ${label}`}>
                {valueText(member, value, m)}
              </Code>
            )}
          </div>
        ))}
        {choice.side === 'own' && (
          <Suspense fallback={<Skeleton height={120} />}>
            <CodeEditor
              label={`${name}: ${t.sideOwn}`}
              value={choice.own}
              onChange={(own) => onChoose({ ...choice, own })}
              problems={isJson(choice.own) ? undefined : [{ path: null, severity: 'error', message: m.variants.valueNotJson('') }]}
              maxHeight={280}
            />
          </Suspense>
        )}
      </Stack>
    </Radio.Group>
  )
}

/** A value as people would say it, where it is something that they write as sentences; else as JSON. */
function valueText(member: string, value: unknown, m: Messages): string {
  try {
    if (member === 'rules' && Array.isArray(value) && value.length > 0) {
      return (value as Rule[]).map((rule, index) => `${ruleTitle(rule, index, m)}: ${sentenceText(rule.if, m)} → ${serveText(rule.then, m)}`).join('\n')
    }
    if (member === 'default' && typeof value === 'object' && value !== null) {
      return serveText(value as Rule['then'], m)
    }
    if (member === 'if' && typeof value === 'object' && value !== null) {
      return sentenceText(value as Rule['if'], m)
    }
  } catch {
    // Something that cannot be said: then as it is.
  }
  return typeof value === 'string' ? value : JSON.stringify(value ?? null, null, 2)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
