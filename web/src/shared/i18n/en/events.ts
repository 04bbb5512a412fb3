export const events = {
  events: {
    title: 'Events',
  },
}
