/** Every step of an evaluation, as the server writes it (`EvaluationTrace` of the evaluation core). */
export type EvaluationTrace = {
  flag: string
  decidedBy: 'not_found' | 'disabled' | 'malformed' | 'prerequisite' | 'target' | 'rule' | 'default'
  problem?: string | null
  prerequisites: { flag: string; variants: string[]; actual: string | null; satisfied: boolean; trace: EvaluationTrace }[]
  targets?: { matched: boolean; variant: string | null; keyCount: number } | null
  rules: RuleTrace[]
  default?: ServeTrace | null
}

export type RuleTrace = {
  index: number
  id: string | null
  matched: boolean
  condition: ConditionTrace
  serve?: ServeTrace | null
}

export type ConditionTrace = {
  kind: 'and' | 'or' | 'not' | 'segment' | 'percentage' | 'clause'
  holds: boolean
  parts?: ConditionTrace[] | null
  segment?: string | null
  segmentDecidedBy?: 'excluded' | 'included' | 'condition' | 'none' | null
  attribute?: string | null
  operator?: string | null
  expected?: unknown
  actual?: unknown
  ignoreCase?: boolean | null
  bucket?: number | null
  limit?: number | null
}

export type ServeTrace = {
  kind: 'variant' | 'off' | 'rollout' | 'experiment'
  applies: boolean
  variant?: string | null
  experiment?: string | null
  bucketBy?: string | null
  bucket?: number | null
  variations?: { key: string; weight: number; from: number; to: number }[] | null
  stages?: { stage: 'unit' | 'layer' | 'holdout' | 'traffic'; key: string | null; bucket: number | null; from: number; to: number; passed: boolean }[] | null
}
