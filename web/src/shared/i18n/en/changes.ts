export const changes = {
  // What other pages say of change requests; the pages themselves bring their own texts.
  changes: {
    nav: 'Changes',
    title: 'Change requests',
    became: (number: number) => `Waiting for approval · #${number}`,
    added: (number: number) => `Added to the draft #${number}.`,
    show: 'Show the request',
    waiting: (count: number) => `${count} waiting`,
    banner: (title: string) => `A change of this flag waits for approval: ${title}`,
    bannerDraft: (title: string) => `A draft changes this flag: ${title}`,
    collecting: (number: number) => `What you change now is added to the draft #${number} and happens when that is approved.`,
    stopCollecting: 'Stop adding',
    openDraft: 'Open the draft',
    policiesTitle: 'What needs an approval',
  },
}
