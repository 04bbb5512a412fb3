import { Badge, Text } from '@mantine/core'
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scalar } from '@/shared/targeting/model'
import { valueText } from '@/shared/targeting/sentence'
import type { ConditionTrace, EvaluationTrace, RuleTrace, ServeTrace } from '@/shared/targeting/trace'
import classes from './TraceView.module.css'

/** How an answer came about, step by step, in the order of evaluation. */
export function TraceView({ trace }: { trace: EvaluationTrace }) {
  const m = useMessages()
  return (
    <ul className={classes.tree}>
      {trace.decidedBy === 'disabled' && <Step state="decided" title={m.evaluate.disabled} />}
      {trace.decidedBy === 'not_found' && <Step state="failed" title={m.evaluate.notFound} />}
      {trace.decidedBy === 'malformed' && <Step state="failed" title={`${m.evaluate.malformed} ${trace.problem ?? ''}`} />}
      {trace.prerequisites.map((item) => (
        <Step
          key={item.flag}
          state={item.satisfied ? 'passed' : 'decided'}
          title={m.evaluate.prerequisite(item.flag)}
          detail={`${m.evaluate.needs(item.variants.join(', '))}, ${m.evaluate.gave(item.actual ?? '–')}`}
        >
          <TraceView trace={item.trace} />
        </Step>
      ))}
      {trace.targets && trace.targets.keyCount > 0 && (
        <Step
          state={trace.targets.matched ? 'decided' : 'missed'}
          title={m.evaluate.targets}
          detail={
            trace.targets.matched
              ? m.evaluate.targetsHit(trace.targets.variant ?? '')
              : m.evaluate.targetsMissed(trace.targets.keyCount)
          }
        />
      )}
      {trace.rules.map((rule) => (
        <RuleStep key={rule.index} rule={rule} />
      ))}
      {trace.default && (
        <Step state="decided" title={m.evaluate.default}>
          <ServeSteps serve={trace.default} />
        </Step>
      )}
    </ul>
  )
}

function RuleStep({ rule }: { rule: RuleTrace }) {
  const m = useMessages()
  return (
    <Step
      state={rule.matched ? 'decided' : 'missed'}
      title={m.evaluate.rule(rule.index + 1)}
      detail={rule.matched ? m.evaluate.matched : rule.condition.holds ? m.evaluate.skipped : m.evaluate.missed}
    >
      <ul className={classes.tree}>
        <ConditionStep condition={rule.condition} />
      </ul>
      {rule.serve && <ServeSteps serve={rule.serve} />}
    </Step>
  )
}

function ConditionStep({ condition }: { condition: ConditionTrace }) {
  const m = useMessages()
  return (
    <Step state={condition.holds ? 'passed' : 'missed'} title={<ConditionTitle condition={condition} />} small>
      {condition.parts && condition.parts.length > 0 && (
        <ul className={classes.tree} aria-label={condition.kind === 'or' ? m.targeting.any : m.targeting.all}>
          {condition.parts.map((part, index) => (
            <ConditionStep key={index} condition={part} />
          ))}
        </ul>
      )}
    </Step>
  )
}

function ConditionTitle({ condition }: { condition: ConditionTrace }) {
  const m = useMessages()
  switch (condition.kind) {
    case 'and':
      return m.targeting.all
    case 'or':
      return m.targeting.any
    case 'not':
      return m.targeting.not
    case 'segment':
      return (
        <>
          {m.targeting.inSegment} <span className="mono">{condition.segment}</span>
          {condition.segmentDecidedBy && <Actual>{m.evaluate.segmentBy[condition.segmentDecidedBy]}</Actual>}
        </>
      )
    case 'percentage':
      return (
        <>
          {m.targeting.amongPercent} <span className="mono">{(condition.limit ?? 0) / 100} %</span>
          <Actual>
            {condition.bucket === null || condition.bucket === undefined
              ? m.evaluate.noUnit
              : `${m.evaluate.bucket(condition.bucket)}, ${m.evaluate.below(condition.limit ?? 0)}`}
          </Actual>
        </>
      )
    case 'clause':
      return (
        <>
          <span className="mono">{condition.attribute}</span>{' '}
          <span className={classes.operator}>{operatorText(condition.operator ?? '', m)}</span>{' '}
          {condition.expected !== undefined && (
            <span className="mono">{valueText(condition.expected as Scalar | Scalar[], m)}</span>
          )}
          <Actual>
            {condition.actual === undefined
              ? m.evaluate.missing
              : `${m.evaluate.actual} ${typeof condition.actual === 'object' ? JSON.stringify(condition.actual) : String(condition.actual)}`}
          </Actual>
        </>
      )
  }
}

const operatorText = (operator: string, m: Messages) => m.operators[operator as keyof Messages['operators']] ?? operator

function Actual({ children }: { children: ReactNode }) {
  return <span className={classes.actual}>{children}</span>
}

function ServeSteps({ serve }: { serve: ServeTrace }) {
  const m = useMessages()
  return (
    <div className={classes.serve}>
      {serve.stages?.map((stage) => (
        <Text key={stage.stage} size="sm">
          {m.evaluate.stage[stage.stage]} {stage.key} <Actual>{stage.bucket === null ? m.evaluate.noUnit : m.evaluate.bucket(stage.bucket)}</Actual>
        </Text>
      ))}
      {serve.variations && (
        <Text size="sm" component="div">
          {serve.bucket === null || serve.bucket === undefined ? m.evaluate.noUnit : m.evaluate.bucket(serve.bucket)}
          {' ('}
          {serve.bucketBy ?? m.targeting.targetingKey}
          {')'}
          <span className={classes.ranges}>
            {serve.variations.map(({ key, from, to }) => (
              <Badge key={key} size="sm" tt="none" variant={key === serve.variant ? 'filled' : 'default'} className="mono">
                {m.evaluate.range(key, from, Math.max(from, to - 1))}
              </Badge>
            ))}
          </span>
        </Text>
      )}
      <Text size="sm" fw={600}>
        → <span className="mono">{serve.kind === 'off' ? m.targeting.servesOff : (serve.variant ?? '–')}</span>
      </Text>
    </div>
  )
}

type StepProps = {
  state: 'decided' | 'passed' | 'missed' | 'failed'
  title: ReactNode
  detail?: string
  small?: boolean
  children?: ReactNode
}

function Step({ state, title, detail, small, children }: StepProps) {
  const m = useMessages()
  const Icon = state === 'missed' ? IconMinus : state === 'failed' ? IconX : IconCheck
  return (
    <li className={classes.step} data-state={state}>
      <div className={classes.head}>
        <span className={classes.mark}>
          <Icon size={12} stroke={3} role="img" aria-label={state === 'missed' || state === 'failed' ? m.evaluate.fails : m.evaluate.holds} />
        </span>
        <span className={small ? classes.small : classes.title}>{title}</span>
        {detail && <span className={classes.detail}>{detail}</span>}
      </div>
      {children && <div className={classes.children}>{children}</div>}
    </li>
  )
}
