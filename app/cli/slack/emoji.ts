/** The shortcodes that make up most of what people use; others stay as they were written. */
export const emojiByShortcode: ReadonlyMap<string, string> = new Map(
  (
    'smile 😄|smiley 😃|grinning 😀|grin 😁|laughing 😆|satisfied 😆|joy 😂|rolling_on_the_floor_laughing 🤣|wink 😉|' +
    'blush 😊|slightly_smiling_face 🙂|simple_smile 🙂|upside_down_face 🙃|heart_eyes 😍|kissing_heart 😘|' +
    'stuck_out_tongue 😛|stuck_out_tongue_winking_eye 😜|stuck_out_tongue_closed_eyes 😝|sunglasses 😎|nerd_face 🤓|' +
    'thinking_face 🤔|neutral_face 😐|expressionless 😑|no_mouth 😶|smirk 😏|unamused 😒|face_with_rolling_eyes 🙄|' +
    'grimacing 😬|relieved 😌|pensive 😔|sleeping 😴|disappointed 😞|worried 😟|confused 😕|slightly_frowning_face 🙁|' +
    'white_frowning_face ☹️|cry 😢|sob 😭|sweat 😓|sweat_smile 😅|scream 😱|fearful 😨|cold_sweat 😰|flushed 😳|' +
    'dizzy_face 😵|angry 😠|rage 😡|innocent 😇|hugging_face 🤗|smiling_imp 😈|skull 💀|ghost 👻|alien 👽|robot_face 🤖|' +
    'hankey 💩|poop 💩|shit 💩|clap 👏|raised_hands 🙌|pray 🙏|wave 👋|+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|' +
    'fist ✊|facepunch 👊|punch 👊|v ✌️|muscle 💪|point_up ☝️|point_up_2 👆|point_down 👇|point_left 👈|point_right 👉|' +
    'crossed_fingers 🤞|the_horns 🤘|shrug 🤷|facepalm 🤦|eyes 👀|brain 🧠|heart ❤️|broken_heart 💔|sparkling_heart 💖|' +
    'blue_heart 💙|green_heart 💚|yellow_heart 💛|purple_heart 💜|fire 🔥|boom 💥|sparkles ✨|star ⭐|star2 🌟|zap ⚡|' +
    'sunny ☀️|snowflake ❄️|rainbow 🌈|tada 🎉|confetti_ball 🎊|balloon 🎈|gift 🎁|trophy 🏆|rocket 🚀|bulb 💡|bug 🐛|' +
    'ship 🚢|beers 🍻|beer 🍺|coffee ☕|tea 🍵|pizza 🍕|cake 🍰|cookie 🍪|popcorn 🍿|apple 🍎|tomato 🍅|dog 🐶|cat 🐱|' +
    'monkey_face 🐵|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊|penguin 🐧|turtle 🐢|snake 🐍|unicorn_face 🦄|' +
    '100 💯|white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|question ❓|exclamation ❗|heavy_plus_sign ➕|' +
    'arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|lock 🔒|key 🔑|hammer 🔨|wrench 🔧|gear ⚙️|package 📦|' +
    'memo 📝|books 📚|book 📖|calendar 📆|clock1 🕐|hourglass ⌛|email 📧|phone ☎️|computer 💻|globe_with_meridians 🌐'
  )
    .split('|')
    .map((pair) => {
      const space = pair.indexOf(' ');
      return [pair.slice(0, space), pair.slice(space + 1)] as const;
    }),
);

/** The emoji of a reaction, whose name may carry a skin tone; undefined for a workspace's own ones. */
export const reactionEmoji = (name: string): string | undefined => emojiByShortcode.get(name.split('::')[0]!);
