/**
 * The Provider of lists that are kept here. Their items never change: a row creates one, at most one row deletes it, and
 * what was created before `since` of the list is gone. In lists that came as rows of a Sentinel workspace, which have other
 * providers, the newest row of an item counts.
 */
export const watchlistProvider = 'Vedette';
