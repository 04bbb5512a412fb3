import type { AlgorithmKind, AlgorithmView, PutAlgorithm } from './api'

export const kinds: AlgorithmKind[] = ['thompson', 'epsilonGreedy', 'ucb1', 'linUcb', 'linearThompson']

export type SettingName = 'epsilon' | 'exploration' | 'priorSuccesses' | 'priorFailures' | 'alpha' | 'ridge' | 'floor' | 'coldStart' | 'discount' | 'discountMinutes'

/** A number that an algorithm can be set to. Shares are shown in percent. */
export type Setting = { name: SettingName; initial: number; min: number; max: number; is?: 'share' | 'whole'; kinds?: AlgorithmKind[] }

const settings: Setting[] = [
  { name: 'epsilon', initial: 0.1, min: 0, max: 1, is: 'share', kinds: ['epsilonGreedy'] },
  { name: 'exploration', initial: 1, min: 0, max: 10, kinds: ['ucb1'] },
  { name: 'priorSuccesses', initial: 1, min: 0.01, max: 1e6, kinds: ['thompson'] },
  { name: 'priorFailures', initial: 1, min: 0.01, max: 1e6, kinds: ['thompson'] },
  { name: 'alpha', initial: 0.5, min: 0.01, max: 100, kinds: ['linUcb', 'linearThompson'] },
  { name: 'ridge', initial: 1, min: 1e-6, max: 1e6, kinds: ['linUcb', 'linearThompson'] },
  { name: 'coldStart', initial: 50, min: 0, max: 1e6, is: 'whole' },
  { name: 'floor', initial: 0.01, min: 0, max: 0.5, is: 'share' },
  { name: 'discount', initial: 1, min: 0.01, max: 1, is: 'share' },
  { name: 'discountMinutes', initial: 60, min: 1, max: 10_080, is: 'whole' },
]

/** Those of an algorithm. */
export const settingsOf = (kind: AlgorithmKind) => settings.filter(({ kinds: some }) => some === undefined || some.includes(kind))

/** Whether it learns from all contexts together and needs some. */
export const isLinear = (kind: AlgorithmKind) => kind === 'linUcb' || kind === 'linearThompson'

export type Context = { attribute: string; values: string[] }

/** An algorithm as it is being edited; an empty field is ''. */
export type Draft = {
  kind: AlgorithmKind
  /** Id of the rule; '': the default. */
  rule: string
  arms: string[]
  /** As shown: shares in percent. */
  settings: Partial<Record<SettingName, number | string>>
  source: 'outcome' | 'value' | 'metric'
  /** Key of the metric, for `metric`. */
  metric: string
  /** For so many minutes after the exposure it counts. */
  window: number | string
  context: Context[]
  holdout: number | string
  interval: number | string
  bucketBy: string
  reason: string
}

const shown = ({ is }: Setting, value: number) => (is === 'share' ? Math.round(value * 1e6) / 1e4 : value)
const meant = ({ is }: Setting, value: number) => (is === 'share' ? Math.round(value * 1e4) / 1e6 : value)

/** The limits and the usual value of a setting as they are shown. */
export const shownLimits = (setting: Setting) => ({ min: shown(setting, setting.min), max: shown(setting, setting.max), initial: shown(setting, setting.initial) })

export const newDraft = (variants: readonly string[]): Draft => ({
  kind: 'thompson', rule: '', arms: [...variants].slice(0, 20), settings: {}, source: 'outcome', metric: '', window: 1440, context: [], holdout: 10, interval: 3, bucketBy: '', reason: '',
})

export const draftOf = (view: AlgorithmView): Draft => ({
  kind: view.kind,
  rule: view.rule ?? '',
  arms: [...view.arms],
  settings: Object.fromEntries(settingsOf(view.kind).flatMap((setting) => (view.settings[setting.name] === undefined ? [] : [[setting.name, shown(setting, view.settings[setting.name] ?? 0)]]))),
  source: view.reward.source,
  metric: view.reward.metric ?? '',
  window: view.reward.windowMinutes ?? 1440,
  context: view.context.map(({ attribute, values }) => ({ attribute, values: [...values] })),
  holdout: view.holdout,
  interval: view.intervalSeconds,
  bucketBy: view.bucketBy ?? '',
  reason: '',
})

const numberIn = (value: number | string, min: number, max: number) => value !== '' && Number.isFinite(Number(value)) && Number(value) >= min && Number(value) <= max

/** How many contexts are told apart: of each attribute its values and everything else. */
export const cellsOf = (context: readonly Context[]) => context.reduce((product, { values }) => product * (values.length + 1), 1)

export type Fault = 'arms' | 'floor' | 'context' | 'cells' | 'needsContext' | 'holdout' | 'interval' | 'metric' | 'window' | SettingName

/** What the server would refuse. */
export function faultsOf(draft: Draft): Set<Fault> {
  const faults = new Set<Fault>()
  for (const setting of settingsOf(draft.kind)) {
    const value = draft.settings[setting.name] ?? shown(setting, setting.initial)
    const { min, max } = shownLimits(setting)
    if (!numberIn(value, min, max) || (setting.is === 'whole' && !Number.isInteger(Number(value)))) {
      faults.add(setting.name)
    }
  }
  if (draft.arms.length < 2 || draft.arms.length > 20) {
    faults.add('arms')
  }
  if (!faults.has('floor') && (Number(draft.settings.floor ?? 1) * draft.arms.length) / 100 > 1) {
    faults.add('floor')
  }
  const names = draft.context.map(({ attribute }) => attribute.trim())
  if (draft.context.length > 4 || new Set(names).size < names.length || draft.context.some(({ attribute, values }) => attribute.trim() === '' || values.length < 1 || values.length > 16)) {
    faults.add('context')
  } else if (cellsOf(draft.context) > 64) {
    faults.add('cells')
  }
  if (isLinear(draft.kind) && draft.context.length === 0) {
    faults.add('needsContext')
  }
  if (!numberIn(draft.holdout, 0, 50)) {
    faults.add('holdout')
  }
  if (!numberIn(draft.interval, 1, 86_400) || !Number.isInteger(Number(draft.interval))) {
    faults.add('interval')
  }
  if (draft.source === 'metric') {
    if (draft.metric === '') {
      faults.add('metric')
    }
    if (!numberIn(draft.window, 1, 43_200) || !Number.isInteger(Number(draft.window))) {
      faults.add('window')
    }
  }
  return faults
}

/** What is sent; the draft has no faults. */
export const requestOf = (draft: Draft, paused = false): PutAlgorithm => ({
  kind: draft.kind,
  rule: draft.rule === '' ? undefined : draft.rule,
  arms: draft.arms,
  settings: Object.fromEntries(
    settingsOf(draft.kind).flatMap((setting) => {
      const value = draft.settings[setting.name]
      return value === undefined ? [] : [[setting.name, meant(setting, Number(value))]]
    }),
  ),
  reward: draft.source === 'metric' ? { source: draft.source, metric: draft.metric, windowMinutes: Number(draft.window) } : { source: draft.source },
  context: draft.context.map(({ attribute, values }) => ({ attribute: attribute.trim(), values })),
  holdout: Number(draft.holdout),
  intervalSeconds: Number(draft.interval),
  bucketBy: draft.bucketBy.trim() || undefined,
  paused,
  reason: draft.reason.trim() || undefined,
})

/** Whether what was learned means nothing any more after a change. */
export function forgets(before: AlgorithmView, draft: Draft): boolean {
  const old = draftOf(before)
  return (
    draft.source !== old.source ||
    (draft.source === 'metric' && (draft.metric !== old.metric || Number(draft.window) !== Number(old.window))) ||
    Number(draft.settings.discountMinutes ?? 60) !== Number(old.settings.discountMinutes ?? 60) ||
    JSON.stringify(draft.context.map(({ attribute, values }) => [attribute.trim(), values])) !== JSON.stringify(old.context.map(({ attribute, values }) => [attribute, values]))
  )
}
