export const events = {
  events: {
    title: 'Events',
    analytics: 'Analytics',
  },
}
