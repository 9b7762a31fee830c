/** Abbreviations and acronyms of English, as tables. */

/** "AL Alabama, NY New York" as a table. */
function table(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/\s*,\s*/).map((entry) => {
      const [short = '', ...long] = entry.trim().split(' ');
      return [short, long.join(' ')];
    }),
  );
}

/** Postal codes of the states of the USA. */
export const states = table(`
  AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware, DC D C,
  FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana,
  ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, MT Montana,
  NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC North Carolina,
  ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, RI Rhode Island, SC South Carolina,
  SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington, WV West Virginia,
  WI Wisconsin, WY Wyoming`);

/** Said before a name. */
export const titles = table(`
  Mr Mister, Mrs Missus, Ms Miz, Dr Doctor, Prof Professor, Gov Governor, Sen Senator, Rep Representative,
  Gen General, Col Colonel, Lt Lieutenant, Capt Captain, Sgt Sergeant, Rev Reverend, Hon Honorable, Pres President,
  St Saint, Mt Mount, Ft Fort`);

/** Said after a name. */
export const suffixes = table(`
  St Street, Dr Drive, Ave Avenue, Blvd Boulevard, Rd Road, Ln Lane, Hwy Highway, Pkwy Parkway, Jr Junior, Sr Senior,
  Inc Incorporated, Ltd Limited, Corp Corporation, Co Company, Bros Brothers`);

/** Said wherever they stand; the stop is theirs. */
export const anywhere = table(`
  e.g. for example, i.e. that is, etc. et cetera, vs. versus, approx. approximately, dept. department,
  est. established, govt. government, max. maximum, avg. average, ca. about, cf. compare,
  a.k.a. also known as, ext. extension, tel. telephone, incl. including`);

/** Acronyms without vowels are spelled; of the others these are, and the rest are read as words. */
export const spelledAcronyms = new Set(
  'WHO US USA UK UN EU UAE AI IMF ECB IOC IAEA CIA CEO CFO IPO NIH EPA FAA FDA NSA DOJ ICC ICJ GOP AP AFP OECD UFO USB ID API URL ATM ETA EV SUV RSS IRS'.split(
    ' ',
  ),
);
