import { Badge, Group, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Fragment, useId, useState, type ReactNode } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import type { ExperimentView } from '../api'
import { useMessages } from '../texts/messages'
import { chanceText, liftOf, lossText, outcomeOf, pText, scaleOf, shareText, valueText } from './format'
import { HowComputed } from './HowComputed'
import { LiftInterval } from './LiftInterval'
import classes from './Results.module.css'
import type { Comparison, MetricResult } from './results'
import { hasSpread, Spread } from './Spread'
import { useResultTexts } from './texts/messages'
import type { Viewed } from './view'

const outcomeColors = { better: 'teal', worse: 'red', unclear: 'gray', noTest: 'gray', untestable: 'gray', noEstimate: 'gray' }
const guardrailColors = { passes: 'teal', inconclusive: 'gray', fails: 'red' }

type Props = { experiment: Pick<ExperimentView, 'metrics' | 'plan' | 'control'>; result: Viewed; metrics: readonly MetricResult[]; label: string }

/** Metrics, each variant against the control: a table that becomes a list where there is no room for columns. */
export function MetricTable({ experiment, result, metrics, label }: Props) {
  const { r } = useResultTexts()
  const isGuardrails = metrics.every(({ role }) => role === 'guardrail')
  const ranges = metrics.flatMap((metric) => {
    const margin = marginOf(experiment, metric)
    // What may be lost is drawn too, so it has its place.
    return metric.comparisons.map((comparison) => liftOf(comparison, result.method)).concat(margin === null ? [] : { estimate: margin, lower: null, upper: null })
  })
  const scale = scaleOf(ranges)
  const last = isGuardrails ? r.outcome : result.method === 'bayesian' ? r.chance : r.p
  // The roles stay what they are where the look of a table is taken away.
  return (
    <table className={classes.table} role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {[r.metric, r.control, r.variant, r.lift, last].map((name) => (
            <th key={name} role="columnheader" scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {metrics.map((metric) =>
          metric.comparisons.map((comparison) => (
            <Row key={`${metric.metric} ${comparison.variant}`} experiment={experiment} result={result} metric={metric} comparison={comparison} scale={scale} last={last} />
          )),
        )}
      </tbody>
    </table>
  )
}

/** The lift at which a guardrail is worse by its margin; null without one. */
function marginOf({ plan }: Props['experiment'], { metric, role, direction }: MetricResult): number | null {
  const margin = role === 'guardrail' ? plan.metrics?.find((one) => one.metric === metric)?.margin : null
  return margin == null ? null : direction === 'increase' ? -margin : margin
}

type RowProps = { experiment: Props['experiment']; result: Viewed; metric: MetricResult; comparison: Comparison; scale: number; last: string }

function Row({ experiment, result, metric, comparison, scale, last }: RowProps) {
  const { x } = useMessages()
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const [open, setOpen] = useState<'how' | 'spread' | null>(null)
  const id = useId()
  const frozen = experiment.metrics.find(({ key }) => key === metric.metric)
  const name = frozen?.name ?? metric.metric
  const unit = frozen?.definition.unit
  const { absolute, variant, warnings = [] } = comparison
  const range = liftOf(comparison, result.method)
  const outcome = outcomeOf(comparison, result)
  const isBayesian = result.method === 'bayesian'
  const isGuardrail = metric.role === 'guardrail'
  const planned = experiment.plan.metrics?.find((one) => one.metric === metric.metric)
  const margin = marginOf(experiment, metric)
  const share = (value: number | null | undefined, signed = false) => shareText(value, language, signed)
  const level = share(1 - result.alpha)
  const hasPrior = experiment.plan.prior != null
  return (
    <Fragment>
      <tr role="row">
        <td role="cell" className={classes.name}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {!isGuardrail && `${r.roles[metric.role]} · `}
            {frozen !== undefined && `${x.kinds[frozen.definition.kind]} · `}
            {r.direction[metric.direction]}
          </Text>
          <Group gap={6} mt={4}>
            <More id={id} isOpen={open === 'how'} label={r.howOf(name, variant)} onToggle={() => setOpen(open === 'how' ? null : 'how')}>
              {r.how}
            </More>
            {hasSpread({ metric, comparison, isBayesian }) && (
              <More id={id} isOpen={open === 'spread'} label={r.spreadOf(name, variant)} onToggle={() => setOpen(open === 'spread' ? null : 'spread')}>
                {r.spread}
              </More>
            )}
            {warnings.some((code) => code !== 'betweenLooks') && (
              <Badge size="sm" variant="light" color="orange" tt="none" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
                {r.warningCount(warnings.filter((code) => code !== 'betweenLooks').length)}
              </Badge>
            )}
          </Group>
        </td>
        <td role="cell" data-label={r.control} className={classes.number}>
          {valueText(metric.controlValue, metric.form, unit, language)}
        </td>
        <td role="cell" data-label={variant} className={classes.number}>
          <div>
            {valueText(comparison.value, metric.form, unit, language)}
            <Text size="xs" c="dimmed" className={classes.variant}>
              {variant}
            </Text>
          </div>
        </td>
        <td role="cell" className={classes.liftCell}>
          <Group gap={8}>
            <Text size="sm" fw={650} component="span" className={classes.tabular}>
              {range.estimate === null ? r.absolute(valueText(absolute?.estimate, metric.form, unit, language, true)) : share(range.estimate, true)}
            </Text>
            {comparison.unadjusted != null && comparison.varianceReduction != null && (
              <Tooltip
                multiline
                maw={280}
                events={{ hover: true, focus: true, touch: true }}
                label={(comparison.test === 'stratified' ? r.strataHint : r.cupedHint)(share(comparison.varianceReduction), comparison.unadjusted.relative == null ? r.absolute(valueText(comparison.unadjusted.estimate, metric.form, unit, language, true)) : share(comparison.unadjusted.relative, true))}
              >
                <Badge component="button" type="button" size="xs" variant="light" color="brand" tt="none" style={{ cursor: 'help' }}>
                  {comparison.test === 'stratified' ? r.strata : r.cuped}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <LiftInterval range={range} scale={scale} outcome={result.isOther ? 'unclear' : outcome} margin={margin} />
          <Text size="xs" c="dimmed" className={classes.tabular}>
            {range.lower !== null && range.upper !== null
              ? `${isBayesian ? r.credible(level) : r.level(level)} ${r.interval(share(range.lower, true), share(range.upper, true))}`
              : absolute?.lower != null && absolute.upper != null
                ? `${r.unbounded}; ${r.absolute(r.interval(valueText(absolute.lower, metric.form, unit, language, true), valueText(absolute.upper, metric.form, unit, language, true)))}`
                : absolute?.estimate == null
                  ? r.outcomes.noEstimate
                  : result.isLook
                    ? r.unbounded
                    : r.noInterval}
            {isBayesian && hasPrior && comparison.relative?.estimate != null && ` · ${r.dataAlone(share(comparison.relative.estimate, true))}`}
          </Text>
        </td>
        <td role="cell" data-label={last} className={classes.verdict}>
          {isGuardrail ? (
            <div>
              <Badge size="sm" variant="light" tt="none" color={guardrailColors[comparison.guardrail?.verdict ?? 'inconclusive']}>
                {r.verdictsOfGuardrails[comparison.guardrail?.verdict ?? 'inconclusive']}
              </Badge>
              <Text size="xs" c="dimmed">
                {planned?.margin == null ? r.noMargin : r.marginOf(share(planned.margin))}
              </Text>
            </div>
          ) : (
            <div>
              <Text size="sm" className={classes.tabular}>
                {isBayesian ? chanceText(comparison.bayesian?.chanceToWin, language) : pText(comparison.adjustedPValue, language)}
              </Text>
              <Badge size="sm" variant={result.isOther ? 'outline' : 'light'} tt="none" color={result.isOther ? 'gray' : outcomeColors[outcome]}>
                {r.outcomes[outcome]}
              </Badge>
              <Text size="xs" c="dimmed">
                {isBayesian
                  ? comparison.bayesian != null && r.loss(lossText(comparison.bayesian.expectedLoss, metric.controlValue, metric.form, unit, language))
                  : comparison.pValue != null && comparison.correction !== 'none' && r.rawP(pText(comparison.pValue, language))}
              </Text>
            </div>
          )}
        </td>
      </tr>
      {open !== null && (
        <tr role="row" id={id} className={classes.details}>
          <td role="cell" colSpan={5}>
            {open === 'how' ? (
              <HowComputed result={result} metric={metric} comparison={comparison} unit={unit} label={r.howOf(name, variant)} />
            ) : (
              <Spread metric={metric} control={experiment.control} comparison={comparison} unit={unit} isBayesian={isBayesian} label={r.spreadOf(name, variant)} />
            )}
          </td>
        </tr>
      )}
    </Fragment>
  )
}

function More({ id, isOpen, label, onToggle, children }: { id: string; isOpen: boolean; label: string; onToggle: () => void; children: ReactNode }) {
  return (
    <UnstyledButton className={classes.how} aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} aria-label={label} onClick={onToggle}>
      {isOpen ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
      {children}
    </UnstyledButton>
  )
}
