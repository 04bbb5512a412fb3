import type { Condition, Serve } from '../targeting/model'

/** A person. */
export type Ref = { id: string; name: string; email?: string }

export type FlagType = 'boolean' | 'string' | 'number' | 'json'
export type FlagKind = 'release' | 'experiment' | 'operational' | 'permission'
export type Variant = { key: string; name: string; description: string; value: unknown }

export type FlagEnvironmentSummary = {
  enabled: boolean
  killed: boolean
  killReason: string | null
  version: number
  ruleCount: number
  updatedAt: string
  updatedBy: Ref | null
  serves: string
}

export type FlagView = {
  id: string
  key: string
  name: string
  description: string
  type: FlagType
  kind: FlagKind
  variants: Variant[]
  defaultVariant: string
  offVariant: string | null
  jsonSchema: unknown
  owner: Ref | null
  maintainers: Ref[]
  category: string | null
  tags: string[]
  clientVisible: boolean
  expectedLifetimeDays: number | null
  archivedAt: string | null
  version: number
  createdAt: string
  updatedAt: string
  updatedBy: Ref | null
  environments: Record<string, FlagEnvironmentSummary>
}

export type TargetingProblem = { severity: 'error' | 'warning'; code: string; path: string; message: string }
export type Prerequisite = { flag: string; variants: string[] }
export type Target = { variant: string; keys: string[] }
export type Rule = { id: string; name?: string; if: Condition; then: Serve }

/** What a flag does in one environment: the part of it that is edited together and saved at once. */
export type Configuration = {
  prerequisites: Prerequisite[]
  targets: Target[]
  rules: Rule[]
  default: Serve
  offVariant: string | null
}

export type FlagEnvironmentView = Configuration & {
  flag: string
  environment: string
  enabled: boolean
  killed: boolean
  killReason: string | null
  killedAt: string | null
  killedBy: Ref | null
  version: number
  updatedAt: string
  updatedBy: Ref | null
  problems: TargetingProblem[]
}

export type SegmentView = {
  id: string
  key: string
  name: string
  description: string
  if: Condition | null
  includedCount: number
  excludedCount: number
  version: number
  createdAt: string
  updatedAt: string
  updatedBy: Ref | null
  usedBy: { flags: { key: string; environments: string[] }[]; segments: string[] }
}

export type EnvironmentView = {
  id: string
  key: string
  name: string
  color: string
  critical: boolean
  position: number
  revision: number
  version: number
  createdAt: string
  updatedAt: string
}

export type ProjectView = { id: string; key: string; name: string; description: string; version: number }
export type TagView = { key: string; name: string; color: string; description: string }
export type CategoryView = { key: string; name: string; kind: 'system' | 'domain' | 'user'; description: string }

export type AttributeType = 'string' | 'number' | 'boolean' | 'date' | 'semver' | 'ip' | 'array'
export type AttributeView = { name: string; type: AttributeType; description: string; values: unknown[] }

export type Membership = { key: string; name: string; role: string; permissions: string[] }
export type MeView = {
  id: string
  email: string
  name: string
  mustChangePassword: boolean
  organizations: Membership[]
}

export type Page<T> = { items: T[]; nextCursor: string | null; total: number }
