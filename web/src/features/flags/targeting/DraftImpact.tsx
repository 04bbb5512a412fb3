import { Skeleton, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { Configuration } from '@/shared/api/types'
import { isProblem } from '@/shared/api/problem'
import { errorText } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { draftImpactQuery } from '@/shared/impact/impact'
import { ImpactPanel } from '@/shared/impact/ImpactPanel'
import { useImpactTexts } from '@/shared/impact/texts/useImpactTexts'
import type { Scope } from '@/shared/project/scope'

type Props = { scope: Scope; flag: string; environment: string; draft: Configuration; isOn: boolean; blocked: boolean }

/** Whom the draft gives something else, asked half a second after the last change. */
export function DraftImpact({ scope, flag, environment, draft, isOn, blocked }: Props) {
  const m = useMessages()
  const t = useImpactTexts()
  // As text, because equal drafts are one question.
  const [settled] = useDebouncedValue(JSON.stringify(draft), 500)
  const { data, error, isPending, isPlaceholderData, isFetching } = useQuery({
    ...draftImpactQuery(scope, environment, flag, JSON.parse(settled) as Configuration, !isOn),
    enabled: !blocked,
  })
  if (blocked && data === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {t.fixFirst}
      </Text>
    )
  }
  if (data === undefined) {
    return isPending ? (
      <Skeleton height={96} role="status" aria-label={t.counting} />
    ) : (
      <Text size="sm" c="dimmed" role="status">
        {isProblem(error, 'validation_failed') ? t.fixFirst : `${t.failed}: ${errorText(error, m)}`}
      </Text>
    )
  }
  const old = blocked || isPlaceholderData || isFetching || settled !== JSON.stringify(draft)
  return <ImpactPanel scope={scope} impact={data} old={old} assumesOn={!isOn} />
}
