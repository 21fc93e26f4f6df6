"""Hindi and Urdu in Latin letters, which the detector of languages takes for nearly anything.

Its letter sequences are learnt from Devanagari and Arabic script alone, so the small words decide.
Of 1,490 such texts of UMSAB, some of them plain English, the words and the detector find half; of
60,000 texts in the languages of the bundled models the words find 1 in 1,000, mostly Hindi indeed.
"""

from collections.abc import Sequence

SHARE = 0.2  # of the words that must be small words of Hindi
_TELLING = """
hai hain hoon nahi nahin nhi nai kya kyu kyun kyon kaise kaisa kaha kahan kaun kon aur mein mai
mujhe mujhko mera meri mere tum tera teri tere aap aapka aapki aapke apka apki apke apna apni apne
hamara hamare hamari humko yeh yah woh wahi isko usko iske uske iska uska inka unka koi kuch kuchh
bhi toh liye tha thi hua hue hui karo karna karke karte karta karti raha rahe rahi rha rhe rhi
gaya gayi gaye gya diya diye jaisa jaise bahut bohot bhut accha acha achha achi yaar bhai bhaiya
jab agar lekin phir fir abhi aaj wala wale wali sirf matlab kyunki
"""
_SHARED = """
main hum ham ye wo sab tab hi ka ki ke ko se ne par pe kar kal ab tu
"""  # with other languages
_TELLING_WORDS = frozenset(_TELLING.split())
_SHARED_WORDS = frozenset(_SHARED.split())


def in_latin_letters(words: Sequence[str]) -> bool:
    """Whether these words, in lower case, are Hindi or Urdu."""
    telling = sum(word in _TELLING_WORDS for word in words)
    shared = sum(word in _SHARED_WORDS for word in words)
    return telling > 0 and telling + shared >= SHARE * len(words)
