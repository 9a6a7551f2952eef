// Rules that say how much a tweet looks like spam, with reasons. Plain JavaScript without imports: a web page can load
// this file with a script tag to mark tweets as they are shown, and a Python service runs the same file over its data.
"use strict";

const TWITTER_EPOCH = 1288834974657n; // in milliseconds since 1970: where the clock inside of tweet ids starts
const DAY = 24 * 60 * 60 * 1000;

// A rule looks at the facts of one tweet and gives a reason, or nothing.
const RULES = [
  {
    points: 40,
    check: ({ copies }) => copies >= 3 && `the same text from ${copies} accounts`,
  },
  {
    points: 20,
    check: ({ accountDays }) => accountDays < 60 && `account is ${Math.floor(accountDays)} days old`,
  },
  {
    points: 20,
    check: ({ user }) =>
      user.friends_count > 500 &&
      user.friends_count > 4 * user.followers_count &&
      `follows ${user.friends_count}, followed by ${user.followers_count}`,
  },
  {
    points: 15,
    check: ({ perDay }) => perDay > 50 && `${Math.round(perDay)} tweets a day`,
  },
  {
    points: 15,
    check: ({ user }) => user.default_profile_image && "no picture of its own",
  },
  {
    points: 10,
    check: ({ application }) =>
      !/^(Twitter|twicca|Tweet|Mobile Web|Echofon|Janetter|Hootsuite|Instagram|IFTTT)/i.test(application) &&
      `posted by "${application}"`,
  },
  {
    points: -30,
    check: ({ user }) => user.verified && "verified",
  },
];

// When a tweet was posted: its id counts the milliseconds above bit 22. Ids are beyond 2^53, so this takes bigints;
// numbers would lose the low bits.
function postedAt(id) {
  return new Date(Number((BigInt(id) >> 22n) + TWITTER_EPOCH));
}

function originalText(tweet) {
  return (tweet.retweeted_status ?? tweet).text;
}

function score(tweet, authors = new Set([tweet.user.id])) {
  const posted = postedAt(tweet.id);
  const accountDays = (posted - new Date(tweet.user.created_at)) / DAY;
  const facts = {
    user: tweet.user,
    copies: authors.size,
    accountDays,
    perDay: tweet.user.statuses_count / Math.max(accountDays, 1),
    application: tweet.source.replace(/<[^>]*>/g, ""),
  };
  let points = 0;
  const reasons = [];
  for (const rule of RULES) {
    const reason = rule.check(facts);
    if (reason) {
      points += rule.points;
      reasons.push(reason);
    }
  }
  return { id: tweet.id, author: tweet.user.screen_name, posted, score: Math.max(0, Math.min(100, points)), reasons };
}

// Scores all tweets of a search result. `campaigns` maps each text that three or more accounts posted to their names.
function assess({ statuses }, { threshold = 50 } = {}) {
  const authorsOf = new Map();
  for (const tweet of statuses) {
    const text = originalText(tweet);
    if (!authorsOf.has(text)) authorsOf.set(text, new Set());
    authorsOf.get(text).add(tweet.user.screen_name);
  }
  const scored = statuses.map((tweet) => score(tweet, authorsOf.get(originalText(tweet))));
  return {
    checked: statuses.length,
    suspicious: scored.filter((one) => one.score >= threshold).sort((a, b) => b.score - a.score),
    campaigns: new Map([...authorsOf].filter(([, authors]) => authors.size >= 3)),
    newest: new Date(Math.max(...scored.map((one) => one.posted))),
  };
}
