export const targeting = {}
