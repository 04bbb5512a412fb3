import { plural } from '@/shared/i18n/plural'

const days = plural('en', { one: 'day', other: 'days' })

/** The texts of experiments, which come with their pages. */
export const en = {
  x: {
    experiments: 'Experiments', metrics: 'Metrics', layers: 'Layers and holdouts', parts: 'Parts of experiments',
    subtitle: 'Variants of a flag are compared with the people of one environment, by a plan that was made before.',
    count: plural('en', { one: 'experiment', other: 'experiments' }),
    search: 'Search by name, key, flag or hypothesis', allStates: 'All but archived', allEnvironments: 'All environments', state: 'State', environment: 'Environment', flag: 'Flag',
    emptyTitle: 'No experiments yet', emptyText: 'Say what you expect, choose a flag, its variants and who takes part, and decide by metrics instead of by opinions.', nothingFound: 'No experiment is like that',
    create: 'New experiment', created: (name: string) => `Drafted ${name}`, namePlaceholder: 'Shorter checkout', chooseFlag: 'Choose a flag', needsVariants: 'Its variants are what is compared.',
    states: { draft: 'Draft', running: 'Running', paused: 'Paused', stopped: 'Stopped', decided: 'Decided', archived: 'Archived' },
    columns: { experiment: 'Experiment', flag: 'Flag', running: 'Running for', updated: 'Changed' },
    days, phase: (n: number) => `Phase ${n}`, of: (share: string) => `${share} take part`, never: 'not started',
    decisions: { ship: 'Shipped', rollBack: 'Rolled back', inconclusive: 'Inconclusive' },
    decisionHints: {
      ship: 'A variant is served to the whole audience from now on.',
      rollBack: 'The control was better, or nothing was gained: the flag serves what it served without the experiment.',
      inconclusive: 'It told nothing: the flag serves what it served without the experiment.',
    },
    banner: {
      draft: 'This is a draft: nobody takes part yet.', running: 'People are assigned. Look at the days that the plan names: looking earlier finds differences that are none.',
      paused: 'Nobody is assigned for now. Whoever took part gets the same variant when it goes on.', stopped: 'It is over and waits for a decision. The flag serves what it served without it.',
      decided: 'It was decided.', archived: 'It was put away.',
    },
    flagOff: (flag: string, environment: string) => `${flag} is off in ${environment}: nobody takes part.`,
    hypothesis: 'Hypothesis', hypothesisHint: 'What do you expect, of whom, and why? Written down before anybody sees numbers.', hypothesisPlaceholder: 'A checkout in one step sells more to people on phones, because they leave between the steps.', noHypothesis: 'Nobody wrote down what to expect.',
    description: 'Description', owner: 'Owner', nobody: 'nobody', audience: 'Audience', everybody: 'Everybody whom no earlier rule of the flag catches', some: 'Those for whom a condition holds', unit: 'Assigned by', targetingKey: 'Targeting key', unitHint: 'The attribute whose values get a variant each. Whoever lacks it does not take part.',
    traffic: 'Traffic', trafficHint: 'The share of the audience that takes part. More traffic later moves nobody who takes part already.', layer: 'Layer', noLayer: 'In no layer', layerHint: 'Experiments of one layer never share a person.', part: 'Part of the layer', from: 'From', to: 'To', holdout: 'Holdout', noHoldout: 'None', holdoutHint: 'Held out people are in none of the experiments that name it.',
    split: 'Who gets what', splitOf: (key: string, share: string) => `${key}: ${share} of everybody`, outsideLayer: 'outside of the part of the layer', heldOut: 'held out', outsideTraffic: 'beyond the traffic', splitHint: 'Of the audience. Whoever is outside goes on to the next rules of the flag.',
    variants: 'Variants', control: 'Control', isControl: 'control', weight: (key: string) => `Weight of ${key}`, compares: (key: string) => `Compare ${key}`, variantsHint: 'The others are compared with the control. Only variants with a weight are served.', evenly: 'Evenly',
    testers: 'Testers', testersHint: 'They always get one variant, are not part of the experiment and not counted.', noTesters: 'Nobody.', testersOf: (key: string) => `Testers of ${key}`, testersPlaceholder: 'Targeting keys, one a line', editTesters: 'Change testers', testersSaved: 'Changed the testers',
    plan: 'Plan', planFrozen: 'The plan never changes once the experiment was started.', method: 'Method', alpha: 'False alarms', alphaHint: 'The probability of finding a difference where there is none.', power: 'Power', powerHint: 'The probability of finding the smallest effect that matters.',
    methods: { fixed: 'Fixed: one look, at the end', pocock: 'Pocock: planned looks, equal boundaries', obrienFleming: 'O’Brien-Fleming: planned looks, strict at first', lanDeMets: 'Lan-DeMets: looks when they suit', alwaysValid: 'Always valid: look at any time', bayesian: 'Bayesian' },
    methodHints: {
      fixed: 'The smallest number of people, if you can wait until the end.', pocock: 'Stops early most easily; costs the most people if it does not.', obrienFleming: 'Stops early only on overwhelming evidence, and costs little.', lanDeMets: 'As O’Brien-Fleming, when looks are not exactly on their days.',
      alwaysValid: 'You may look whenever you like, and need more people for it.', bayesian: 'Probabilities under a prior. It does not make up for looking often: decide when you said you would.',
    },
    looks: 'Days of the looks', looksHint: 'After the start, such as 7, 14, 28. The last one is the end.', looksInvalid: 'Growing whole numbers of days, divided by commas', noLooks: 'At any time', minimumDays: 'Not before', minimumDaysHint: 'Days before which nothing is shipped; a week or more, so that every day of the week counts.', cuped: 'Use what people did before (CUPED)', cupedHint: 'Less variance: the same certainty with fewer people.', cupedDays: 'Days before', priorMean: 'Mean of the prior', priorDeviation: 'Deviation of the prior', percentOf: 'in percent, relative',
    roles: { primary: 'Decides', secondary: 'Explains', guardrail: 'Must not get worse' }, role: 'Role', metric: 'Metric', addMetric: 'Add a metric', noMetrics: 'No metric was chosen. One that decides is needed.', minimumEffect: 'Smallest effect that matters', margin: 'May be worse by', remove: (name: string) => `Remove ${name}`, noCatalogue: 'There are no metrics in this project yet.', openCatalogue: 'Open the catalogue',
    steps: { hypothesis: 'Hypothesis', variants: 'Variants', audience: 'Audience', metrics: 'Metrics', plan: 'Plan', review: 'Review' }, design: 'Design', designOf: (name: string) => `Design of ${name}`, next: 'Save and go on', back: 'Back', saved: 'Saved', done: 'Save and close', frozen: 'This experiment was started: its design stays as it was.',
    checklist: 'Before it is started', ready: 'Nothing stands in the way.', notReady: 'Something stands in the way.', severities: { ok: 'Fine', warning: 'Worth a thought', blocking: 'Stands in the way' },
    start: 'Start', startTitle: 'Start the experiment', startText: (flag: string, environment: string) => `Its rule is put into ${flag} in ${environment}, and people are assigned from then on. The design stays as it is.`, place: 'Place of its rule', last: 'After all rules', before: (rule: string) => `Before ${rule}`, reason: 'Why', started: 'The experiment runs',
    pause: 'Pause', paused: 'Paused', resume: 'Resume', resumed: 'It goes on', stop: 'Stop', stopTitle: 'Stop the experiment?', stopText: 'Nobody is assigned any more and the flag serves what it served without it. It cannot be started again; decide afterwards.', stopped: 'Stopped',
    newPhase: 'New phase', phaseTitle: 'Begin a new phase', phaseText: 'Data of different phases is never mixed: what was seen so far counts for the phase that ends.', reshuffle: 'Deal everybody anew', reshuffleHint: 'Else people stay where they are, as far as the new numbers let them.', begin: 'Begin', begun: 'A new phase has begun',
    decide: 'Decide', decideTitle: 'Decide the experiment', ship: 'Ship', shipWhat: 'Variant to ship', keepHoldout: 'Held out people do not get it', keepHoldoutHint: 'So that what experiments do together can be measured.', why: 'Why', whyPlaceholder: 'What did the numbers say?', decided: 'Decided', outcome: 'What came of it', outcomes: { ship: 'Ship a variant', rollBack: 'Roll back', inconclusive: 'Inconclusive' },
    archive: 'Archive', archived: 'Put away', delete: 'Delete', deleteTitle: (name: string) => `Delete ${name}?`, deleteText: 'It is gone for good, with its plan and its phases. The audit log keeps what was done.', deleted: (name: string) => `Deleted ${name}`, edit: 'Edit the design',
    phases: 'Phases', phasesHint: 'A phase is a time in which nothing changed about who gets what.', since: 'since', until: 'until', now: 'now', reshuffled: 'dealt anew', pausedTimes: 'Paused, and not counted:', history: 'History', historyAll: 'In the audit log', more: 'More',
    shippedTo: (variant: string) => `${variant} is served to the audience.`, decidedBy: (name: string) => `by ${name}`, runs: 'The plan', startedBy: (name: string) => `Started by ${name}`,
    // Metrics
    metricsSubtitle: 'How the events of a person become one number. Experiments keep what a metric said when they were started.', metricCount: plural('en', { one: 'metric', other: 'metrics' }), newMetric: 'New metric', editMetric: 'Change the metric', searchMetrics: 'Search by name, key or event', noMetricsTitle: 'No metrics yet', noMetricsText: 'A metric turns events, such as purchases or errors, into one number per person.', metricCreated: (name: string) => `Created ${name}`, metricSaved: (name: string) => `Changed ${name}`,
    kind: 'Kind', kinds: { conversion: 'Conversion', count: 'Count', sum: 'Sum', mean: 'Mean', ratio: 'Ratio', quantile: 'Quantile', retention: 'Retention' },
    kindHints: { conversion: 'Whether a person did it at least once.', count: 'How often a person did it.', sum: 'The sum of the values of a person’s events.', mean: 'The mean of the values of events.', ratio: 'What a person did over something else that they did.', quantile: 'A quantile of the values of events.', retention: 'Whether a person came back in a span of days.' },
    event: 'Event', eventHint: 'The name under which applications send it.', value: 'Property with the value', valueHint: 'Empty: the event’s own value.', filters: 'Only events for which', filtersHint: 'All of them must hold.', addFilter: 'Add a filter', property: 'Property', operator: 'Comparison', filterValue: 'Value', listHint: 'divided by commas',
    operators: { eq: 'is', neq: 'is not', in: 'is one of', notIn: 'is none of', gt: '>', gte: '≥', lt: '<', lte: '≤', contains: 'contains', exists: 'is there', notExists: 'is not there' },
    numerator: 'Above the line', denominator: 'Event below the line', denominatorValue: 'Property below the line', aggregations: { count: 'how many', sum: 'sum of values' }, below: 'Below the line', quantile: 'Quantile', fromDay: 'From day', toDay: 'To day', window: 'Hours after the first exposure', windowHint: 'Empty: until the experiment ends.', outliers: 'Outliers', outlierKinds: { none: 'Left as they are', cap: 'At most a number', winsorize: 'At most a quantile' }, cap: 'At most', winsorize: 'Quantile of all people', direction: 'Better is', directions: { increase: 'more', decrease: 'less' }, displayUnit: 'Shown with', used: plural('en', { one: 'experiment', other: 'experiments' }), unused: 'not used yet', archivedOnes: 'Archived ones', restore: 'Restore', restored: 'Restored',
    // Layers
    layersSubtitle: 'Layers keep experiments apart: those in different parts of one never share a person. Holdouts keep people out of experiments.', layersTitle: 'Layers', holdoutsTitle: 'Holdouts', newLayer: 'New layer', newHoldout: 'New holdout', noLayers: 'No layers yet', noLayersText: 'Without a layer, experiments overlap at random. Use one where two of them change the same thing.', noHoldouts: 'No holdouts yet', noHoldoutsText: 'Keep a few people out of all experiments, and see what the experiments do together.', free: (share: string) => `${share} free`, layerCreated: (name: string) => `Created ${name}`, heldShare: 'Share that is held out', heldBy: plural('en', { one: 'experiment names it', other: 'experiments name it' }), shareOf: (name: string, from: string, to: string) => `${name}: ${from} to ${to}`, nothingIn: 'No experiment is in it.', save: 'Save', saveFailed: 'It could not be saved', unfinished: 'Something is missing',
  },
}

/** The shape of these texts: every language has exactly these. */
export type Texts = typeof en
