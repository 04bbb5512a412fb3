export const en = {
  whenApproved: 'It waits for an approval: others are asked as soon as you confirm.',
  atOnce: 'It happens as soon as you confirm.',
  waits: 'This is guarded: what you save waits for an approval and happens when it has one.',
  bypass: 'Go past the approval',
  bypassHint: 'It happens at once. The audit log tells of it with your reason, and so does everybody’s open page.',
  bypassGroups: (groups: string) => `Only for members of ${groups}. It happens at once, and the audit log tells of it with your reason.`,
  bypassing: 'This goes past the approval: say why it cannot wait.',
}

export type Texts = typeof en
