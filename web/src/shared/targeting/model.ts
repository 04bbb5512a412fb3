/** A value that one attribute can be compared with. */
export type Scalar = string | number | boolean

export type AttributeCondition = {
  attribute: string
  operator: string
  value?: Scalar | Scalar[]
  ignoreCase?: boolean
}
export type PercentageCondition = { percentage: number; bucketBy?: string; seed?: string }

/** When a rule or segment applies; see `spec/evaluation.md`. */
export type Condition =
  | { and: Condition[] }
  | { or: Condition[] }
  | { not: Condition }
  | { segment: string }
  | PercentageCondition
  | AttributeCondition

export type Variation = { key: string; weight: number }
export type Rollout = { variations: Variation[]; bucketBy?: string; seed?: string }

/** What somebody gets. */
export type Serve = { variant: string } | { rollout: Rollout } | { experiment: string } | { off: true }
