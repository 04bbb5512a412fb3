import { plural } from '@/shared/i18n/plural'

const days = plural('en', { one: 'day', other: 'days' })

export const en = {
  r: {
    title: 'Results', recommendation: 'Recommendation', ofPhase: (phase: number) => `Phase ${phase}`, phase: 'Phase', phaseNow: (phase: number) => `Phase ${phase}, now`, failed: 'Results could not be loaded', staleFailed: 'No newer results could be loaded. These are the last that were.',
    judgedBy: (method: string) => `Judged by what was planned: ${method}.`, besides: 'It is decided by the probabilities. The p-values are shown beside them and decide nothing.',
    verdicts: {
      ship: (variant: string) => `Ship ${variant}`, rollBack: (control: string) => `Roll back: keep ${control}`, keepRunning: 'Keep it running', keepRunningDays: (left: number) => `Keep it running, about ${days(left)} left`,
      ended: 'It ended without an answer', unhealthy: 'These numbers cannot be trusted',
    },
    reasons: {
      sampleRatioMismatch: 'The variants do not have the shares of people that the plan gave them. Something loses or adds people in one of them: look for redirects, crashes and bots before believing a number.',
      mixedAssignments: 'Too many people were seen in several variants. Check that every application evaluates with the same key of the same person.',
      noData: 'Fewer than two variants have been seen.', noPrimaryMetric: 'The plan has no metric that decides.', beforeMinimumDuration: 'The minimum duration of the plan is not over: every day of the week should count.', waitingForLook: 'The next look is not due.',
      primaryBetter: 'A deciding metric is better.', primaryWorse: 'A deciding metric is worse.', notSignificant: 'No deciding metric shows a difference that could not be chance.', guardrailFailed: 'A guardrail is worse.',
      guardrailInconclusive: 'A guardrail has not excluded harm yet.', planCompleted: 'The last planned look is over.',
    },
    nextLook: (day: number, left: number) => (left < 1 ? `The look of day ${day} is due.` : `The next look is on day ${day}, in ${days(left)}. Until then no test is offered: looking more often finds differences that are not there.`),
    health: 'Can it be trusted?', good: 'in order', bad: 'not in order', attention: 'worth a look', unknown: 'not known yet',
    srm: 'Split of people', srmOk: (p: string) => `As planned (p = ${p})`, srmBad: (p: string) => `Not as planned (p ${p})`, srmHint: 'Chi-square test against the weights at 0.001, and a test that may be watched all the time.',
    power: 'Power', powerOf: (effect: string) => `Finds ${effect} or more`, powerWanted: (effect: string) => `The plan wants to find ${effect}.`, powerNone: 'The plan names no smallest effect that matters.',
    mixed: 'Mixed assignments', mixedOf: (share: string) => `${share} of people`, mixedHint: 'Seen in several variants, and counted in none. More than 1 % is too many.',
    fresh: 'Data', freshHint: 'Computed anew soon after events come in.', freshOld: 'No new events for more than an hour. Does the application still send them?', freshOver: 'Late events are taken in for 25 hours after the end.',
    people: 'People per variant', peopleOf: plural('en', { one: 'person', other: 'people' }), expected: (count: string) => `planned ${count}`, peopleChart: 'People who were seen, since the start of the phase', day: (n: string) => `day ${n}`, began: 'start', when: 'When', isControl: 'control',
    metrics: 'Metrics', guardrails: 'Guardrails', guardrailsHint: 'They must not get worse. Each has to hold alone, so they are not corrected for each other.',
    metric: 'Metric', control: 'Control', variant: 'Variant', lift: 'Lift', p: 'p-value', chance: 'Chance to win', outcome: 'Outcome', roles: { primary: 'decides', secondary: 'explains', guardrail: 'guardrail' },
    outcomes: { better: 'Better', worse: 'Worse', unclear: 'Not clear', noTest: 'No test today', untestable: 'Cannot be tested', noEstimate: 'Not enough data' },
    verdictsOfGuardrails: { passes: 'Holds', inconclusive: 'Not known yet', fails: 'Fails' }, marginOf: (share: string) => `may be worse by ${share}`, noMargin: 'holds until it is shown to be worse',
    interval: (lower: string, upper: string) => `${lower} to ${upper}`, level: (share: string) => `${share} interval`, credible: (share: string) => `${share} credible interval`, noInterval: 'no interval between looks', unbounded: 'no bounded interval', absolute: (difference: string) => `difference ${difference}`,
    rawP: (p: string) => `uncorrected ${p}`, loss: (loss: string) => `expected loss ${loss}`, cuped: 'CUPED', cupedHint: (share: string, lift: string) => `What people did before takes away ${share} of the variance. Without it: ${lift}.`, scaleHint: 'All lifts are drawn on one scale; the line in the middle is no difference.',
    direction: { increase: 'more is better', decrease: 'less is better' }, warningCount: plural('en', { one: 'warning', other: 'warnings' }),
    how: 'How this was computed', howOf: (metric: string, variant: string) => `How this was computed: ${metric}, ${variant}`, test: 'Test', formula: 'Formula', source: 'Source', inputs: 'Inputs', intervalOfLift: 'Interval of the lift', value: 'Value', units: 'People', difference: 'Difference', standardError: 'Standard error', freedom: 'Degrees of freedom', statistic: 'Statistic', critical: 'Standard errors that the interval extends', alpha: 'α', alphaSpent: 'α spent', look: 'Look', lookOf: (look: number, looks: string) => `${look} of ${looks}`, corrected: 'Corrected p-value', correction: 'Correction', corrections: { holm: 'Holm, over all deciding comparisons', benjaminiHochberg: 'Benjamini and Hochberg, over all that explain', none: 'none' }, since: 'Significant since look', without: 'Without what people did before', prePeriod: 'p-value of a difference before the start', bound: 'Worst difference that is left', guardrailP: 'p-value of harm of the size of the margin', engine: 'Computed by', normal: 'normal distribution', detectable: 'Smallest effect that so much data finds', reduction: 'Variance taken away', method: 'Method', credibleInterval: 'Credible interval of the lift',
    tests: { stratified: 'Effects within strata, weighted', chiSquare: 'Chi-square test of two shares', fisherExact: 'Fisher’s exact test', welch: 'Welch’s t-test', cuped: 'Welch’s t-test after CUPED', delta: 'Delta method for a ratio', cupedDelta: 'Delta method for a ratio, after CUPED', quantile: 'Difference of quantiles' },
    beliefs: 'Beta posteriors of shares, normal ones of everything else, times the prior of the plan.',
    warnings: {
      strataTooSmall: 'Values with fewer than two people in a variant are left out of the strata.', betweenLooks: 'Between looks there are estimates, but no test and no interval.', invalidInput: 'A number that came in cannot be right; the comparison is left out.', tooFewUnits: 'Fewer than two people in a variant: nothing can be compared.', fewUnits: 'Fewer than a hundred people in a variant: the numbers are rough.', noVariance: 'Everybody has the same value, so nothing can be tested.', zeroDenominator: 'What the ratio divides by is zero.',
      relativeUnbounded: 'The control cannot be told apart from zero, so a lift has no bounds: use the difference.', dominatedByOneUnit: 'One person makes up more than half of the variance: give the metric a cap.', covariateWithoutVariance: 'Nobody did anything before, so CUPED changes nothing.', prePeriodImbalance: 'The variants differed before the experiment began.', intervalDisagrees: 'At the border of significance the interval and the test differ; the test decides.', emptyIntersection: 'The intervals of all looks have nothing in common: the effect changed over time.',
      bayesianPeeking: 'Probabilities do not make up for looking often: decide when you said you would.', unitsWithoutWeight: 'A variant without a weight has people.', unknownVariant: 'People were seen in a variant that is not in the plan.',
    },
    path: 'Evidence at each look', pathHint: 'Standard errors from no difference, against the boundary of the plan. Outside the boundary the difference is significant, before comparisons are corrected for each other.', pathHintAny: 'Results of the past are kept hourly.', pathBayesian: 'The probability that the variant is better, against the two that decide.', boundary: 'boundary', later: 'The boundary of later looks follows from how many people each will have.', noPath: 'No look has been taken yet.', asTable: 'As a table', pathLabel: (variant: string, metric: string, last: string) => `Evidence for ${variant} in ${metric}: ${last} at the last look`, crossed: 'outside', inside: 'inside', choosePath: 'Comparison', evidence: 'Evidence', plannedLook: (day: number) => `look of day ${day}`,
    breakdown: 'Broken down', breakdownHint: 'It explains and decides nothing. All comparisons of all attributes are corrected together.', dimension: 'Attribute', noValue: 'not told', otherValues: 'all others', heterogeneity: (variant: string, p: string, share: string) => `Whether the effect of ${variant} differs between the values: p ${p}; ${share} of the variation is not chance.`, splitWithin: (value: string) => `The split of people is not as planned for ${value}.`,
    csv: 'Numbers as CSV', waiting: 'Waiting for the first exposure', waitingText: 'The experiment runs, but nobody has been seen in it.', waitingOver: 'Nobody was seen in it.',
    steps: { flagOn: 'The flag is on.', flagOff: 'The flag is off: switch it on, or nobody takes part.', evaluate: 'The application evaluates the flag with the key of a person.', expose: 'It tells whom it showed what. The .NET SDK does it by itself; everything else sends it:', track: 'It sends the events that the metrics count.', simulate: 'No people yet? Make some up, in an environment of its own:' },
  },
}

/** The shape of these texts: every language has exactly these. */
export type Texts = typeof en
