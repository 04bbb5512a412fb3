import { Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '../components/feedback'
import { useMessages } from '../i18n/messages'
import type { Scope } from '../project/scope'
import { impactQuery, type ImpactQuestion } from './impact'
import { ImpactPanel } from './ImpactPanel'
import { useImpactTexts } from './texts/useImpactTexts'

/** Whom changes give something else, in every environment that they change. Nothing for who may only look. */
export function ImpactOf({ scope, question }: { scope: Scope; question: ImpactQuestion }) {
  const m = useMessages()
  const t = useImpactTexts()
  const { data, error, isPending, isFetching } = useQuery(impactQuery(scope, question))
  if (isPending) {
    return <Skeleton height={96} role="status" aria-label={t.counting} />
  }
  if (data === undefined) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {t.failed}: {errorText(error, m)}
      </Text>
    )
  }
  if (data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.nothing}
      </Text>
    )
  }
  return (
    <Stack gap="sm">
      {data.map((impact) => (
        <ImpactPanel key={impact.environment} scope={scope} impact={impact} old={isFetching} named={data.length > 1} />
      ))}
    </Stack>
  )
}
