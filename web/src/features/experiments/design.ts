import type { components } from '@/shared/api/schema'
import { isComplete, newClause, newGroup, toCondition, toDraft, type GroupNode } from '@/shared/targeting/draft'
import type { Condition } from '@/shared/targeting/model'
import type { ExperimentView, PlannedMetric } from './api'
import { parseDays } from './parts/numbers'

type Method = NonNullable<components['schemas']['AnalysisMethod']>

/** A design while it is edited. */
export type Design = {
  name: string
  description: string
  hypothesis: string
  weights: Record<string, number | null>
  control: string
  everybody: boolean
  root: GroupNode
  bucketBy: string
  traffic: number
  layer: { key: string; from: number; to: number } | null
  holdout: string | null
  metrics: PlannedMetric[]
  method: Method
  alpha: number
  power: number
  looks: string
  minimumDays: number
  cuped: boolean
  cupedDays: number
  dimensions: string[]
  stratifyBy: string | null
  priorMean: number
  priorDeviation: number
}

export const methods: Method[] = ['fixed', 'obrienFleming', 'pocock', 'lanDeMets', 'alwaysValid', 'bayesian']
export const hasLooks = (method: Method) => method !== 'alwaysValid' && method !== 'bayesian'
export const usualLooks = (method: Method) => (method === 'fixed' ? '14' : hasLooks(method) ? '7, 14, 21, 28' : '')

export function designOf(experiment: ExperimentView, variants: string[]): Design {
  const { plan } = experiment
  const root = experiment.audience === null ? newGroup([newClause()]) : toDraft(experiment.audience as Condition)
  return {
    name: experiment.name,
    description: experiment.description,
    hypothesis: experiment.hypothesis,
    weights: Object.fromEntries(variants.map((key) => [key, experiment.variations.find((variation) => variation.key === key)?.weight ?? null])),
    control: experiment.control,
    everybody: experiment.audience === null,
    root,
    bucketBy: experiment.bucketBy ?? '',
    traffic: experiment.traffic,
    layer: experiment.layer,
    holdout: experiment.holdout?.key ?? null,
    metrics: plan.metrics ?? [],
    method: plan.method ?? 'fixed',
    alpha: (plan.alpha ?? 0.05) * 100,
    power: (plan.power ?? 0.8) * 100,
    looks: (plan.lookDays ?? []).join(', '),
    minimumDays: plan.minimumDays ?? 7,
    cuped: plan.cuped ?? true,
    cupedDays: plan.cupedDays ?? 14,
    dimensions: plan.dimensions ?? [],
    stratifyBy: plan.stratifyBy ?? null,
    priorMean: (plan.prior?.mean ?? 0) * 100,
    priorDeviation: (plan.prior?.deviation ?? 0.1) * 100,
  }
}

/** The variants that are compared, in the flag's order. */
export const variationsOf = ({ weights }: Design) => Object.entries(weights).flatMap(([key, weight]) => (weight === null ? [] : [{ key, weight }]))

/** Whether everything that is there can be sent. */
export const isSendable = (design: Design) => (design.everybody || isComplete(design.root)) && (!hasLooks(design.method) || parseDays(design.looks) !== null)

const rounded = (percent: number) => Math.round(percent * 1e6) / 1e8

export function toRequest(design: Design): components['schemas']['UpdateExperimentRequest'] {
  const bayesian = design.method === 'bayesian'
  return {
    name: design.name.trim(),
    description: design.description.trim(),
    hypothesis: design.hypothesis.trim(),
    variations: variationsOf(design),
    control: design.control,
    audience: (design.everybody ? null : toCondition(design.root)) as never,
    bucketBy: design.bucketBy.trim() === '' ? null : design.bucketBy.trim(),
    traffic: design.traffic,
    layer: design.layer,
    holdout: design.holdout,
    plan: {
      metrics: design.metrics,
      method: design.method,
      alpha: rounded(design.alpha),
      power: rounded(design.power),
      lookDays: hasLooks(design.method) ? (parseDays(design.looks) ?? []) : [],
      minimumDays: design.minimumDays,
      cuped: design.cuped,
      cupedDays: design.cupedDays,
      dimensions: design.dimensions,
      stratifyBy: design.stratifyBy !== null && design.dimensions.includes(design.stratifyBy) ? design.stratifyBy : null,
      prior: bayesian ? { mean: rounded(design.priorMean), deviation: rounded(design.priorDeviation) } : null,
    },
  }
}
