import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage } from '@/shared/i18n/messages'
import type { ExperimentView } from '../api'
import { shareText, sinceText } from './format'
import classes from './Results.module.css'
import type { AnalysisResult, Known } from './results'
import { useResultTexts } from './texts/messages'

type Props = { experiment: Pick<ExperimentView, 'variations' | 'control'>; result: AnalysisResult; history: readonly Known[] }

/** How many people each variant has, against the plan, and how they came. */
export function People({ experiment, result, history }: Props) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const { shares } = result.health
  const total = shares.reduce((sum, { units }) => sum + units, 0)
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
  const color = (variant: string) => variantColor(experiment.variations.findIndex(({ key }) => key === variant))
  const peak = Math.max(1, ...shares.map(({ units, expected }) => Math.max(units, expected ?? 0)))
  return (
    <div>
      <Text component="h3" size="sm" fw={600} mb="xs">
        {r.people}
      </Text>
      <SimpleGrid cols={{ base: 1, md: history.length > 1 ? 2 : 1 }} spacing="lg">
        <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
          {shares.map(({ variant, units, expected }) => (
            <li key={variant}>
              <Group justify="space-between" gap="xs" mb={4}>
                <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
                  {variant}
                  {variant === experiment.control && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      {r.isControl}
                    </Text>
                  )}
                </Text>
                <Text size="sm" className={classes.tabular}>
                  {r.peopleOf(units)}{' '}
                  <Text span size="xs" c="dimmed">
                    {total > 0 && shareText(units / total, language)}
                    {expected != null && ` (${r.expected(number.format(expected))})`}
                  </Text>
                </Text>
              </Group>
              <div className={classes.bar} aria-hidden>
                <i style={{ width: `${(units / peak) * 100}%`, background: color(variant) }} />
                {expected != null && <i className={classes.planned} style={{ left: `calc(${(expected / peak) * 100}% - 1px)` }} />}
              </div>
            </li>
          ))}
        </Stack>
        {history.length > 1 && <Growth history={history} variants={shares.map(({ variant }) => variant)} color={color} />}
      </SimpleGrid>
    </div>
  )
}

function Growth({ history, variants, color }: { history: readonly Known[]; variants: readonly string[]; color: (variant: string) => string }) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const unitsOf = ({ result }: Known, variant: string) => result.health.shares.find((share) => share.variant === variant)?.units ?? 0
  const peak = Math.max(1, ...history.flatMap((known) => variants.map((variant) => unitsOf(known, variant))))
  const end = Math.max(1e-6, ...history.map(({ result }) => result.days))
  const number = new Intl.NumberFormat(language)
  const last = history.at(-1)
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {r.peopleChart}
      </Text>
      <div className={classes.plot} style={{ height: 110 }}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`${r.peopleChart}: ${variants.map((variant) => `${variant} ${last === undefined ? 0 : number.format(unitsOf(last, variant))}`).join(', ')}`}>
          {variants.map((variant) => (
            <polyline
              key={variant}
              points={['0,100', ...history.map((known) => `${((known.result.days / end) * 100).toFixed(2)},${(100 - (unitsOf(known, variant) / peak) * 96).toFixed(2)}`)].join(' ')}
              fill="none"
              stroke={color(variant)}
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{r.began}</span>
        <span>{sinceText(end, language, r.day)}</span>
      </div>
    </div>
  )
}
