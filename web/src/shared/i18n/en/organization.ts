export const organization = {
  organization: {
    title: 'Organization',
    navigation: 'Administration',
    members: 'Members',
    groups: 'Groups',
    roles: 'Roles',
    serviceAccounts: 'Service accounts',
    signIn: 'Sign-in',
    security: 'Security',
    audit: 'Audit log',
    system: 'System',
    general: 'General',
    backToFlags: 'Back to the flags',
    goneTitle: 'You have no access here',
    goneProjectText: 'Your access to this project has ended, or it never was. Ask an owner if you think that is wrong.',
    goneText: 'Your access to this organization has ended, or it never was. Ask an owner if you think that is wrong.',
  },
}
