import { plural } from '@/shared/i18n/plural'

/** The texts of changing the lists of a segment, which come with its page. */
export const en = {
  segmentKeys: {
    title: { included: 'Change who is included', excluded: 'Change who is excluded' },
    mode: 'What to do',
    modes: { add: 'Add to the list', remove: 'Remove from the list', replace: 'Replace the list' },
    modeHints: {
      add: 'Keys that are in the list already do not matter.',
      remove: 'Keys that are not in the list do not matter.',
      replace: 'The list is exactly these keys afterwards.',
    },
    source: 'Where the keys come from',
    paste: 'Paste',
    file: 'File',
    pasteLabel: 'Keys, one a line',
    pasteHint: 'Commas, semicolons and tabs separate keys too.',
    chooseFile: 'Choose a file',
    dropHint: 'Text or CSV with one key a line, up to a million lines and 128 MB. Drop it here or choose it.',
    chosenFile: (name: string, size: string) => `${name}, ${size}`,
    tooLarge: 'The file has more than 128 MB. Split it, and add the parts one after the other.',
    fileFaults: {
      empty: 'The file is empty.',
      notText: 'This is no text in UTF-8. Save it as “CSV UTF-8” or as text with the encoding UTF-8, and choose it again.',
    },
    check: 'Compare with the list',
    checking: 'The server compares it with the list…',
    sending: (percent: number) => `Sending: ${percent} %`,
    writing: 'The server writes the list…',
    stop: 'Stop',
    stopped: 'Stopped. The list is as it was.',
    nothing: 'Nothing would change: the list is so already.',
    now: 'Keys now',
    after: 'Keys afterwards',
    added: 'New',
    removed: 'Gone',
    repeated: (count: number) => `${plural('en', { one: 'line repeats', other: 'lines repeat' })(count)} an earlier one and counts once.`,
    addedSample: 'Some of the new ones',
    removedSample: 'Some of those that go',
    back: 'Change the input',
    apply: { add: 'Add these keys', remove: 'Remove these keys', replace: 'Replace the list' },
    applied: (count: number) => `The list has ${plural('en', { one: 'key', other: 'keys' })(count)} now.`,
    movedOn: 'Somebody changed the segment after the comparison. Compare again.',
    change: 'Change the list',
    shownOf: (shown: number, total: number) => `${shown.toLocaleString('en')} of ${total.toLocaleString('en')} shown`,
    sizeLists: (included: number, excluded: number) =>
      `${plural('en', { one: 'key', other: 'keys' })(included)} included, ${plural('en', { one: 'key', other: 'keys' })(excluded)} excluded.`,
    sizeConditions: 'Whoever fulfils the conditions comes on top.',
    sizeAbout: (share: string, low: string, high: string, people: number, environment: string) =>
      `About ${share} of the ${people.toLocaleString('en')} people seen in ${environment} of late are in it; 95 % sure that it is ${low} to ${high}.`,
    sizeExact: (share: string, inside: number, people: number, environment: string) =>
      `${inside.toLocaleString('en')} of the ${people.toLocaleString('en')} people seen in ${environment} of late are in it (${share}).`,
    sizeMissing: (attributes: string) => `It looks at ${attributes}, which no sample keeps: that counts as missing here.`,
    sizeKeys: 'It looks into keys, which no sample keeps: that counts as not met here.',
    sizeOff: (environment: string) => `How many people that is in ${environment} is not known: it keeps no sample of contexts.`,
    sizeEmpty: (environment: string) => `${environment} keeps a sample of contexts, and nobody was seen yet.`,
    sizeSettings: 'Turn it on in the environment’s settings',
    cannotDelete: (key: string) => `${key} is in use`,
    cannotDeleteText: 'It cannot be deleted while something refers to it. Remove it there first:',
  },
}

export type Texts = typeof en
