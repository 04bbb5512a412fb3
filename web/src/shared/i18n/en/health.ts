export const health = {
  health: {
    title: 'Health',
  },
}
