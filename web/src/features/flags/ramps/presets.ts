import type { RampStepBody } from './api'

export type Preset = 'careful' | 'normal' | 'fast' | 'own'

/** The steps that the server knows by name, to begin one's own with. */
export const presetSteps: Record<Exclude<Preset, 'own'>, RampStepBody[]> = {
  careful: [
    { percentage: 1, holdMinutes: 60, gate: false },
    { percentage: 5, holdMinutes: 240, gate: false },
    { percentage: 10, holdMinutes: 1440, gate: false },
    { percentage: 25, holdMinutes: 1440, gate: true },
    { percentage: 50, holdMinutes: 1440, gate: false },
    { percentage: 100, holdMinutes: 0, gate: false },
  ],
  normal: [
    { percentage: 5, holdMinutes: 60, gate: false },
    { percentage: 25, holdMinutes: 240, gate: false },
    { percentage: 50, holdMinutes: 240, gate: false },
    { percentage: 100, holdMinutes: 0, gate: false },
  ],
  fast: [
    { percentage: 10, holdMinutes: 10, gate: false },
    { percentage: 50, holdMinutes: 10, gate: false },
    { percentage: 100, holdMinutes: 0, gate: false },
  ],
}
