import { Anchor, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SegmentView } from '@/shared/api/types'
import { useLanguage } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { segmentSizeQuery } from './api/segments'
import { useTexts } from './texts/useTexts'

/** About how many people are in a segment: the lengths of its lists, and what the sample of the chosen environment says. */
export function SegmentSize({ scope, segment }: { scope: Scope; segment: SegmentView }) {
  const t = useTexts().segmentKeys
  const { language } = useLanguage()
  const { current } = useEnvironments()
  const size = useQuery(segmentSizeQuery(scope, segment.key, current?.key ?? '', segment.version))
  const view = size.data
  const percent = (share: number) =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share)
  return (
    <div>
      <Text size="sm" c="dimmed" mt={4}>
        {t.sizeLists(segment.includedCount, segment.excludedCount)} {segment.if !== null && view?.status !== 'ready' && t.sizeConditions}
      </Text>
      {current !== undefined && size.isPending ? (
        <Skeleton height={18} width={320} mt={6} />
      ) : view?.population ? (
        <Text size="sm" mt={4} role="status">
          {view.population.isComplete
            ? t.sizeExact(percent(view.population.share), view.inside, view.contexts, current?.name ?? view.environment)
            : t.sizeAbout(
                percent(view.population.share),
                percent(view.population.low),
                percent(view.population.high),
                view.population.people,
                current?.name ?? view.environment,
              )}{' '}
          {view.missingAttributes.length > 0 && t.sizeMissing(view.missingAttributes.join(', '))} {view.looksAtKeys && t.sizeKeys}
        </Text>
      ) : (
        view !== undefined && (
          <Text size="sm" c="dimmed" mt={4}>
            {view.status === 'off' ? t.sizeOff(current?.name ?? view.environment) : t.sizeEmpty(current?.name ?? view.environment)}{' '}
            {view.status === 'off' && (
              <Anchor component={Link} to="/p/$org/$project/environments" params={scope as never} size="sm" underline="always">
                {t.sizeSettings}
              </Anchor>
            )}
          </Text>
        )
      )}
    </div>
  )
}
