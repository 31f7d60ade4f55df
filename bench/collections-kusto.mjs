// Failures that are Kusto's too: its parser and binder accept these texts, its engine does not. Each with the reason.

const fromData = /\b(bag_unpack|pivot|narrow)\b/;

const known = [
  {
    name: 'needs columns that only the data have',
    fits: ({ reason, whole }) => /there is no column '/.test(reason) && fromData.test(whole),
  },
  {
    // https://learn.microsoft.com/kusto/query/extract-all-function: from 1 to the number of groups.
    name: 'asks extract_all for a group that the expression has not',
    fits: ({ reason }) => /extract_?all: there is no capture group/.test(reason),
  },
  {
    // https://learn.microsoft.com/kusto/query/basket-plugin: above 0.015.
    name: 'gives basket a threshold outside its range',
    fits: ({ reason }) => /the threshold of basket/.test(reason),
  },
  {
    name: 'holds a placeholder in place of a time zone',
    fits: ({ reason }) => /time zone '(YOUR|<|\{)/i.test(reason),
  },
];

/** The name of the reason for which Kusto would fail as well; undefined when the failure is ours. `whole`: text and called bodies. */
export const alsoKustos = (reason, whole) =>
  known.find((k) => k.fits({ reason, whole: whole.replace(/(^|\s)\/\/.*$/gm, '') }))?.name;
