export const inbox = {
  inbox: {
    title: 'Inbox',
    notifications: 'Notifications',
    watch: 'Watch',
    watching: 'Watching',
    watchFlag: 'Your inbox tells you of everything that happens to this flag',
    watchProject: 'Your inbox tells you of everything that happens in this project',
    bell: (unread: number) => (unread === 0 ? 'Inbox' : `Inbox, ${unread > 99 ? 'more than 99' : unread} unread`),
  },
}
