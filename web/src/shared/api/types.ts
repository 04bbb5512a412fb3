import type { Condition, Serve } from '../targeting/model'
import type { components } from './schema'

type Schemas = components['schemas']

export type FlagType = Schemas['FlagType']
export type FlagKind = Schemas['FlagKind']
export type FlagView = Schemas['FlagView']
export type Variant = Schemas['VariantView']
export type FlagEnvironmentView = Schemas['FlagEnvironmentView']
export type TargetingProblem = Schemas['TargetingProblem']
export type TargetingFix = Schemas['TargetingFix']
export type Prerequisite = Schemas['PrerequisiteBody']
export type Target = Schemas['TargetBody']
export type SegmentView = Schemas['SegmentView']
export type MeView = Schemas['MeView']
export type EnvironmentView = Schemas['EnvironmentView']
export type SdkKeyView = Schemas['SdkKeyView']
export type SdkKeyKind = Schemas['SdkKeyKind']
export type TagView = Schemas['TagView']
export type AttributeType = Schemas['AttributeType']
export type AttributeView = Schemas['AttributeView']
export type AuditEntryView = Schemas['AuditEntryView']
export type AuditChangeView = Schemas['AuditChangeView']
export type EvaluationView = Schemas['EvaluationView']
export type LifecycleStage = Schemas['LifecycleStage']
export type LifecycleView = Schemas['LifecycleView']
export type UsageView = Schemas['UsageView']
export type FlagUsageView = Schemas['FlagUsageView']
export type FlagResultView = Schemas['FlagResultView']

export type Rule = { id: string; name?: string; if: Condition; then: Serve }

/** What a flag does in one environment: the part of it that is edited together and saved at once. */
export type Configuration = {
  prerequisites: Prerequisite[]
  targets: Target[]
  rules: Rule[]
  default: Serve
  offVariant: string | null
}

/** A configuration as the API takes it. */
export type ConfigurationBody = Schemas['FlagConfigurationRequest']
