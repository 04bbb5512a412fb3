import { Group, SimpleGrid, Table, Text } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import { nothing, numberText } from '@/shared/i18n/numbers'
import { AsTable } from './AsTable'
import { chanceText, shareText } from './format'
import classes from './Results.module.css'
import type { Comparison, MetricResult } from './results'
import { binName, placesOf, sharesOf, stepsOf } from './spread'
import { useResultTexts } from './texts/messages'

type Props = { metric: MetricResult; control: string; comparison: Comparison; unit: string | null | undefined; isBayesian: boolean; label: string }

/** Whether there is something to draw. */
export const hasSpread = ({ metric, comparison, isBayesian }: Pick<Props, 'metric' | 'comparison' | 'isBayesian'>) => metric.distribution != null || (isBayesian && comparison.bayesian?.density != null)

/** How the numbers of people are spread in a variant and the control; where beliefs are looked at, what is believed of the lift. */
export function Spread({ metric, control, comparison, unit, isBayesian, label }: Props) {
  const belief = isBayesian && comparison.bayesian?.density != null
  return (
    <section aria-label={label} className={classes.howSection}>
      <SimpleGrid cols={{ base: 1, md: belief && metric.distribution != null ? 2 : 1 }} spacing="lg">
        {belief && <Belief comparison={comparison} />}
        {metric.distribution != null && <Histogram metric={metric} control={control} variant={comparison.variant} unit={unit} />}
      </SimpleGrid>
    </section>
  )
}

function Histogram({ metric, control, variant, unit }: { metric: MetricResult; control: string; variant: string; unit: string | null | undefined }) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const { edges = [], isWhole = false, variants = [] } = metric.distribution ?? {}
  const shown = [control, variant].flatMap((key) => variants.filter((one) => one.variant === key))
  const shares = shown.map(sharesOf)
  const peak = Math.max(0, ...shares.flatMap(({ bins }) => bins))
  const name = (bin: number) => binName(edges, bin, isWhole, (value) => numberText(value, language))
  const ofUnit = unit == null || unit === '' ? '' : ` (${unit})`
  const isOfValues = metric.form === 'quantile'
  const some = new Intl.NumberFormat(language)
  const zeros = shown.map(({ variant: key }, i) => `${key} ${shareText(shares[i]?.zero, language)}`).join(', ')
  const total = shown.reduce((sum, { units }) => sum + units, 0)
  return (
    <div>
      <Text size="sm" fw={600}>
        {(isOfValues ? r.spreadOfValues : r.spreadOfPeople) + ofUnit}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {metric.form === 'ratio' ? `${r.spreadOfRatio} ` : ''}
        {shares.some(({ zero }) => zero > 0) && `${r.spreadZeros(zeros)} `}
        {isOfValues ? r.spreadSampleOfValues(some.format(total)) : r.spreadSample(some.format(total))}
      </Text>
      {peak > 0 && (
        <>
          <div className={classes.plot} style={{ height: 130 }}>
            <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`${isOfValues ? r.spreadOfValues : r.spreadOfPeople}: ${shown.map((one) => one.variant).join(', ')}`}>
              {shares.map(({ bins }, i) => (
                <polygon key={shown[i]?.variant} points={stepsOf(bins, peak)} className={classes.steps} data-control={i === 0 || undefined} vectorEffect="non-scaling-stroke" />
              ))}
            </svg>
            <Text size="xs" c="dimmed" style={{ position: 'absolute', top: -2, left: 2 }} aria-hidden>
              {shareText(peak, language)}
            </Text>
          </div>
          <div className={classes.axis} aria-hidden>
            <span>{name(0)}</span>
            {edges.length > 2 && <span>{name(edges.length - 2)}</span>}
          </div>
          <Group gap="md" mt={4}>
            {shown.map(({ variant: key }, i) => (
              <Group key={key} gap={6} wrap="nowrap">
                <span aria-hidden className={classes.swatch} data-control={i === 0 || undefined} />
                <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                  {key}
                </Text>
              </Group>
            ))}
          </Group>
          <AsTable label={r.spreadOfPeople} width={460}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{r.value}</Table.Th>
                {shown.map(({ variant: key }) => (
                  <Table.Th key={key}>{key}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {edges.slice(1).map((edge, bin) => (
                <Table.Tr key={edge}>
                  <Table.Td>{name(bin)}</Table.Td>
                  {shares.map(({ bins }, i) => (
                    <Table.Td key={shown[i]?.variant}>{shareText(bins[bin], language)}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </AsTable>
        </>
      )}
    </div>
  )
}

function Belief({ comparison: { bayesian, variant } }: { comparison: Comparison }) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  if (bayesian?.density == null) {
    return null
  }
  const { from, to, heights } = bayesian.density
  const { lower, upper, median } = bayesian
  const { left, area } = placesOf(from, to, heights)
  const share = (value: number | null | undefined) => (value == null ? nothing : shareText(value, language, true))
  return (
    <div>
      <Text size="sm" fw={600}>
        {r.belief(variant)}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {r.beliefText(chanceText(bayesian.chanceToWin, language), share(median), r.interval(share(lower), share(upper)))}
      </Text>
      <div className={classes.plot} style={{ height: 130 }}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={r.beliefText(chanceText(bayesian.chanceToWin, language), share(median), r.interval(share(lower), share(upper)))}>
          <polygon points={area(from, to)} className={classes.belief} vectorEffect="non-scaling-stroke" />
          {lower != null && upper != null && <polygon points={area(lower, upper)} className={classes.beliefCore} />}
          {median != null && <line x1={left(median)} x2={left(median)} y1={0} y2={100} stroke="var(--mantine-primary-color-filled)" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />}
          {from < 0 && to > 0 && <line x1={left(0)} x2={left(0)} y1={0} y2={100} stroke="var(--mantine-color-text)" strokeDasharray="4 4" vectorEffect="non-scaling-stroke" />}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{share(from)}</span>
        <span>{share(to)}</span>
      </div>
    </div>
  )
}
