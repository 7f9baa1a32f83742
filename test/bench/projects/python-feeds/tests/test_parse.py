import unittest

from feeds.parse import Entry, parse

RSS = "<rss><channel><item><title> One </title><link>https://a.test/1</link></item></channel></rss>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Two</title><link href="https://a.test/2"/></entry></feed>'


class Parse(unittest.TestCase):
    def test_rss(self):
        self.assertEqual(parse(RSS), [Entry("One", "https://a.test/1")])

    def test_atom(self):
        self.assertEqual(parse(ATOM), [Entry("Two", "https://a.test/2")])
