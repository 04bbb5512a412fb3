import { Group, Paper, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { EnvironmentView } from '@/shared/api/types'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { connectionsQuery } from '@/shared/project/usage'
import classes from './LiveRate.module.css'

/** Five minutes of the steps of ten seconds that the server keeps. */
const shown = 30

/** Evaluations of the last minutes as they come. Hidden pages do not ask. */
export function LiveRate({ scope, environment }: { scope: Scope; environment: EnvironmentView }) {
  const m = useMessages()
  const { language } = useLanguage()
  const live = useQuery({ ...connectionsQuery(scope, environment.key), refetchInterval: 2_500, refetchIntervalInBackground: false })
  const steps = live.data?.recent.slice(-shown) ?? []
  const peak = Math.max(1, ...steps)
  const total = steps.reduce((sum, count) => sum + count, 0)
  const number = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  return (
    <Paper className="surface" p="md" component="section" aria-label={m.overview.liveTitle(environment.name)}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={2} size="h5" lineClamp={1}>
          {m.overview.liveTitle(environment.name)}
        </Title>
        {live.data?.isLive && (
          <Text size="sm" fw={600} style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
            {m.overview.perSecond(number.format(live.data.evaluationsPerSecond))}
          </Text>
        )}
      </Group>
      {live.data === undefined ? (
        <Skeleton h={106} />
      ) : !live.data.isLive ? (
        <Text size="sm" c="dimmed">
          {m.overview.elsewhere}
        </Text>
      ) : (
        <>
          <div
            className={classes.plot}
            role="img"
            aria-label={m.overview.liveText(total, live.data.evaluationsPerSecond)}
            style={{ '--rate-color': 'var(--mantine-primary-color-filled)' } as React.CSSProperties}
          >
            {steps.map((count, index) => (
              // The last one is not over yet.
              <i key={index} className={classes.step} data-open={index === steps.length - 1 || undefined} style={{ height: count === 0 ? 1 : `${Math.max(3, (count / peak) * 100)}%` }} />
            ))}
          </div>
          <div className={classes.scale} aria-hidden>
            <span>{m.overview.fiveMinutes}</span>
            <span>{total === 0 ? m.overview.quiet : m.usage.now}</span>
          </div>
        </>
      )}
    </Paper>
  )
}
