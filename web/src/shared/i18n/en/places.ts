import { plural } from '../plural'

const flags = plural('en', { one: 'flag', other: 'flags' })

export const places = {
  compare: {
    title: 'Compare and promote',
    flagsOwn: 'the flag’s own',
  },
  contexts: {
    open: 'Contexts',
    savedLabel: 'Saved in this project',
    noneSaved: 'Nothing yet. Save a context that you ask about often, such as a typical customer.',
    recentLabel: 'Recently asked, in this browser only',
    noneRecent: 'What you ask about appears here.',
    forget: 'Forget the recent ones',
    save: 'Save',
    saveTitle: 'Save this context',
    namePlaceholder: 'A customer with the pro plan',
    nameHint: 'Everybody in the project finds it by this name.',
    everybody: 'Everybody who sees the flags of this project sees it. Do not save what is nobody’s business.',
    replaces: (name: string) => `${name} is saved already and will be replaced.`,
    saved: (name: string) => `${name} was saved.`,
    delete: (name: string) => `Delete the saved context ${name}`,
    deleteTitle: (name: string) => `Delete ${name}?`,
    deleteText: 'It is gone for everybody in the project. Flags are not affected.',
    deleted: (name: string) => `${name} was deleted.`,
    everywhere: 'All environments side by side',
    differ: (different: number, all: number) => `${different} of ${flags(all)} give different answers.`,
    onlyDifferent: 'Only different answers',
    revision: 'Revision',
    revisionHint: (newest: number) => `Empty: the newest, ${newest}.`,
  },
}
