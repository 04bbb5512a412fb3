export const administration = {}
